import { needsQuotes } from "./plain-value.ts";
import { pythonFloat } from "./python-text.ts";
import { isValueList, isValueMap, type MapKey, type Value, type ValueMap } from "./value.ts";

/**
 * Writes values as DVC's YAML writer (ruamel.yaml 0.18.6) does, byte for byte: block style, the dash of
 * a list not indented, null as nothing, long texts folded after the word that passes column 80.
 * test/interop/dvc-lock.interop.test.ts compares with the writer itself on random trees.
 */
const WIDTH = 80;

/** Line breaks that Unicode knows beside \n; a text that has one is escaped. */
const OTHER_BREAKS = /[\u0085\u2028\u2029]/;

/** Here DVC's own writer breaks inside a run of spaces and loses it, so this one goes another way. */
const LOST_SPACES = / {2}[^ ]{81}/u;

export function writeValues(map: ValueMap): string {
  return map.size === 0 ? "{}\n" : blockMap(map, 0);
}

/** The lines of a mapping whose keys stand in a column; the first is not indented. */
function blockMap(map: ValueMap, column: number): string {
  const lines = [...map].map(([key, value]) => {
    const name = scalar(key, { column: 0, container: column, fold: false });
    return `${name}:${afterKey(value, column, column + [...name].length + 1)}`;
  });
  return lines.join(" ".repeat(column));
}

function afterKey(value: Value, container: number, column: number): string {
  if (isValueList(value) && value.length > 0) {
    return `\n${" ".repeat(container)}${blockList(value, container)}`;
  }
  if (isValueMap(value) && value.size > 0) {
    return `\n${" ".repeat(container + 2)}${blockMap(value, container + 2)}`;
  }
  if (value === null) return "\n";
  return ` ${leaf(value, { column: column + 1, container, fold: true })}\n`;
}

function blockList(list: readonly Value[], column: number): string {
  const items = list.map((value) => {
    if (isValueList(value) && value.length > 0) return `- ${blockList(value, column + 2)}`;
    if (isValueMap(value) && value.size > 0) return `- ${blockMap(value, column + 2)}`;
    if (value === null) return "- \n"; // the space is the other writer's
    return `- ${leaf(value, { column: column + 2, container: column, fold: true })}\n`;
  });
  return items.join(" ".repeat(column));
}

/** Where a text starts, the column of the mapping or list around it, and whether lines may break. */
type Place = Readonly<{ column: number; container: number; fold: boolean }>;

function leaf(value: Value, place: Place): string {
  if (isValueList(value)) return "[]";
  if (isValueMap(value)) return "{}";
  return scalar(value, place);
}

function scalar(value: MapKey, place: Place): string {
  if (value === null) return "null";
  if (typeof value === "number") return yamlFloat(value);
  if (typeof value !== "string") return String(value);
  if (LOST_SPACES.test(value)) return doubleQuoted(value, place);
  if (isPlain(value)) return plain(value, place);
  return isSingleQuoted(value) ? singleQuoted(value, place) : doubleQuoted(value, place);
}

function yamlFloat(x: number): string {
  return Number.isFinite(x) ? pythonFloat(x) : pythonFloat(x).replace(/inf|nan/, ".$&");
}

function isPlain(text: string): boolean {
  return (
    text !== "" &&
    !needsQuotes(text) &&
    !/^(?:---|\.\.\.)/.test(text) &&
    !/^[#,[\]{}&*!|>'"%@`]/.test(text) &&
    !/^[?:-](?:[\0 \t\r]|$)/.test(text) &&
    !/^ | $|\n/.test(text) &&
    !/:(?:[\0 \t\r]|$)/.test(text) &&
    !/[\0 \t\r]#/.test(text) &&
    !isSpecial(text)
  );
}

/** True for a text with a character that YAML can write only as an escape. */
function isSpecial(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  return /[\x00-\x09\x0b-\x1f\x7f-\x9f\ufeff\ufffe\uffff]/.test(text) || OTHER_BREAKS.test(text);
}

function isSingleQuoted(text: string): boolean {
  return !/['\n]/.test(text) && !isSpecial(text);
}

/** Splits a text into words and runs of spaces, in turn. */
function runs(text: string): string[] {
  return text.match(/ +|[^ ]+/g) ?? [];
}

function plain(text: string, place: Place): string {
  const indent = place.container + 2;
  let column = place.column;
  let line = "";
  for (const run of runs(text)) {
    const size = [...run].length;
    if (run === " " && column > WIDTH && place.fold) {
      line += `\n${" ".repeat(indent)}`;
      column = indent;
      continue;
    }
    if (run[0] !== " " && size > WIDTH && column > indent && place.fold) {
      line += `\n${" ".repeat(indent)}`; // a word longer than a line gets a line of its own
      column = indent;
    }
    line += run;
    column += size;
  }
  return line;
}

function singleQuoted(text: string, place: Place): string {
  const indent = place.container + 2;
  let column = place.column + 1;
  let line = "'";
  const all = runs(text);
  all.forEach((run, i) => {
    const isInside = i > 0 && i < all.length - 1;
    if (run === " " && column > WIDTH && place.fold && isInside) {
      line += `\n${" ".repeat(indent)}`;
      column = indent;
    } else {
      line += run;
      column += [...run].length;
    }
  });
  return `${line}'`;
}

const ESCAPES: Readonly<Record<string, string>> = {
  "\0": "0",
  "\x07": "a",
  "\b": "b",
  "\t": "t",
  "\n": "n",
  "\v": "v",
  "\f": "f",
  "\r": "r",
  "\x1b": "e",
  '"': '"',
  "\\": "\\",
  "\u0085": "N",
  "\u00a0": "_",
  "\u2028": "L",
  "\u2029": "P",
};

function escaped(character: string): string | undefined {
  const isBare =
    /^[\x20-\x7e\u00a0-\u{10ffff}]$/u.test(character) &&
    !/^["\\\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]$/u.test(character);
  if (isBare) return undefined;
  const known = ESCAPES[character];
  if (known !== undefined) return `\\${known}`;
  const hex = character.codePointAt(0)!.toString(16).toUpperCase();
  if (hex.length <= 2) return `\\x${hex.padStart(2, "0")}`;
  return hex.length <= 4 ? `\\u${hex.padStart(4, "0")}` : `\\U${hex.padStart(8, "0")}`;
}

/**
 * A line may break at a space or after an escape. Where the reader's own rule (a break is one space)
 * would not give the space back, the line ends with a backslash and the next one starts with one.
 */
function doubleQuoted(text: string, place: Place): string {
  const characters = [...text];
  const indent = place.container + 2;
  let column = place.column + 1;
  let line = '"';
  let start = 0; // first character not yet written
  const put = (part: string) => {
    line += part;
    column += [...part].length;
  };
  for (let end = 0; end <= characters.length; end++) {
    const character = characters[end];
    const code = character === undefined ? undefined : escaped(character);
    if (character === undefined || code !== undefined) {
      if (start < end) put(characters.slice(start, end).join(""));
      start = Math.max(start, end);
      if (code !== undefined) {
        put(code);
        start = end + 1;
      }
    }
    const mayBreak = place.fold && end > 0 && end < characters.length - 1;
    if (!mayBreak || !(character === " " || start >= end)) continue;
    if (column + (end - start) <= WIDTH) continue;
    const needsBackslash = !isSpaceKept(characters, end);
    put(`${characters.slice(start, end).join("")}${needsBackslash ? "\\" : ""}`);
    start = Math.max(start, end);
    line += `\n${" ".repeat(indent)}`;
    column = indent;
    if (characters[start] !== " ") continue;
    if (needsBackslash) put("\\");
    else start += 1;
  }
  return `${line}"`;
}

/** True when a break in place of the character at `end` reads back as the same text. */
function isSpaceKept(characters: readonly string[], end: number): boolean {
  const space = characters.indexOf(" ", end);
  if (space < 0 || space + 1 >= characters.length) return false;
  const word = characters.slice(end, space);
  if (word.includes('"') || word.includes("'") || characters[space + 1] === " ") return false;
  return !(characters[end - 1] === " " && characters[end] === " ");
}
