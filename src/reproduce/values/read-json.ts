import { DuetMindError } from "../../core/errors.ts";
import type { MapKey, Value } from "./value.ts";

/**
 * JSON as Python's reader takes it: 1 is an integer of any size and 1.0 a float, NaN and Infinity are
 * numbers, of two equal keys the last counts.
 */
export function readJson(text: string, file: string): Value {
  let at = 0;

  function fault(): DuetMindError {
    const before = text.slice(0, at).split("\n");
    const [line, column] = [before.length, before.at(-1)!.length + 1];
    const got = at < text.length ? JSON.stringify(text[at]) : "the end of the file";
    return new DuetMindError(
      "BAD_INPUT",
      `${file}:${line}:${column}: expected valid JSON, got ${got}`,
      { file, line, column },
    );
  }

  function match(pattern: RegExp): string | undefined {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0];
    if (found !== undefined) at += found.length;
    return found;
  }

  function take(character: string): boolean {
    match(SPACE);
    if (text[at] !== character) return false;
    at += 1;
    return true;
  }

  function key(): string {
    match(SPACE);
    const found = match(TEXT);
    if (found === undefined) throw fault();
    return JSON.parse(found) as string;
  }

  function map(): Value {
    const found = new Map<MapKey, Value>();
    if (take("}")) return found;
    do {
      const name = key();
      if (!take(":")) throw fault();
      found.set(name, value());
    } while (take(","));
    if (!take("}")) throw fault();
    return found;
  }

  function list(): Value {
    const found: Value[] = [];
    if (take("]")) return found;
    do found.push(value());
    while (take(","));
    if (!take("]")) throw fault();
    return found;
  }

  function value(): Value {
    if (take("{")) return map();
    if (take("[")) return list();
    const found = match(TEXT);
    if (found !== undefined) return JSON.parse(found) as string;
    const word = match(WORD);
    if (word !== undefined) return WORDS.get(word)!;
    const number = match(NUMBER);
    if (number === undefined) throw fault();
    return /^-?\d+$/.test(number) ? BigInt(number) : Number(number);
  }

  const found = value();
  match(SPACE);
  if (at < text.length) throw fault();
  return found;
}

const SPACE = /[ \t\n\r]*/y;
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON allows no control character in a text
const TEXT = /"(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*"/y;
const WORD = /null|true|false|NaN|-?Infinity/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?/y;
const WORDS: ReadonlyMap<string, Value> = new Map<string, Value>([
  ["null", null],
  ["true", true],
  ["false", false],
  ["NaN", Number.NaN],
  ["Infinity", Number.POSITIVE_INFINITY],
  ["-Infinity", Number.NEGATIVE_INFINITY],
]);
