import {
  type ClassState,
  literal,
  readClass,
  readEscape,
  SHORTHANDS,
} from "./python-regex-escape.ts";

/**
 * Regular expressions of Python's `re`, for two engines: RE2 (in DuckDB, over every row) where the
 * pattern allows it, and JavaScript (over the distinct values) where it needs look-around,
 * back-references or Unicode word boundaries.
 *
 * Neither reads Python's dialect: `\d` and `\w` are Unicode in Python, `$` also matches before a last
 * line feed, `.` stops at a line feed only, `\Z` and `(?P<x>…)` are spelled differently. So the pattern
 * is read token by token and written out for both.
 *
 *     parsePythonRegex("\\d+(?=x)")   // { re2: null, js: /\p{Nd}+(?=x)/v }
 */
export type PythonRegex =
  /** RE2 can run it; JavaScript too, but for scoped flags. */
  Readonly<{ re2: string; js: RegExp | null }> | Readonly<{ re2: null; js: RegExp }>;

type Flags = Readonly<{ i: boolean; s: boolean; m: boolean; x: boolean; a: boolean }>;
const NO_FLAGS: Flags = { i: false, s: false, m: false, x: false, a: false };

/** How many characters a part of a pattern matches. Python wants one number behind `(?<=` and `(?<!`. */
type Width = Readonly<{ least: number; most: number }>;
const NOTHING: Width = { least: 0, most: 0 };
const ONE: Width = { least: 1, most: 1 };
const ANY: Width = { least: 0, most: Infinity };

function plus(a: Width, b: Width): Width {
  return { least: a.least + b.least, most: a.most + b.most };
}

function times({ least, most }: Width, low: number, high: number): Width {
  return { least: least * low, most: most === 0 || high === 0 ? 0 : most * high };
}

type Output = { re2: string; js: string; isRe2: boolean; isJs: boolean };

const START = "(?<![\\s\\S])";
const END = "(?![\\s\\S])";

/** Throws an Error that says what is wrong with the pattern. `anchored`: at the start only. */
export function parsePythonRegex(pattern: string, anchored: boolean): PythonRegex {
  const leading = /^\(\?([aiLmsux]+)\)/.exec(pattern);
  const flags = leading === null ? NO_FLAGS : withFlags(NO_FLAGS, leading[1]!, "");
  const out: Output = { re2: "", js: "", isRe2: true, isJs: true };
  const scanner = createScanner(pattern, leading?.[0].length ?? 0, out);
  scanner.alternatives(flags);
  if (!scanner.atEnd()) throw new Error(`unbalanced parenthesis at position ${scanner.position()}`);
  const js = compile(anchored ? `${START}(?:${out.js})` : out.js, flags.i);
  const body = anchored ? `\\A(?:${out.re2})` : out.re2;
  if (out.isRe2) return { re2: flags.i ? `(?i)${body}` : body, js: out.isJs ? js : null };
  if (!out.isJs)
    throw new Error("flags of a group beside look-around or back-references are not supported");
  return { re2: null, js };
}

function compile(source: string, ignoreCase: boolean): RegExp {
  try {
    return new RegExp(source, ignoreCase ? "iv" : "v");
  } catch (error) {
    throw new Error((error as Error).message.replace(/^Invalid regular expression: .*: /, ""), {
      cause: error,
    });
  }
}

function withFlags(flags: Flags, on: string, off: string): Flags {
  if (on.includes("L")) throw new Error("the flag L is for bytes patterns only");
  const set = (name: keyof Flags) =>
    off.includes(name) ? false : flags[name] || on.includes(name);
  return { i: set("i"), s: set("s"), m: set("m"), x: set("x"), a: set("a") };
}

function createScanner(text: string, start: number, out: Output) {
  let at = start;
  /** How long what each capturing group matches can be; undefined while the group is open. */
  const groups: (Width | undefined)[] = [];
  const namedGroups = new Map<string, number>();
  let canRepeat = false;
  let branch = NOTHING;
  /** What a quantifier would repeat; not yet in `branch`. */
  let last = NOTHING;

  const peek = (ahead = 0) => text[at + ahead];
  const emit = (re2: string, js = re2) => {
    out.re2 += re2;
    out.js += js;
  };
  const onlyJs = (js: string) => {
    out.isRe2 = false;
    out.js += js;
  };

  const add = (width: Width) => {
    branch = plus(branch, last);
    last = width;
  };

  /** Reads up to the end of the group, and says how long what it matches can be. */
  function alternatives(flags: Flags): Width {
    const outer = plus(branch, last);
    const widths: Width[] = [];
    [branch, last] = [NOTHING, NOTHING];
    canRepeat = false;
    while (at < text.length && peek() !== ")") {
      if (peek() === "|") {
        at += 1;
        emit("|");
        canRepeat = false;
        widths.push(plus(branch, last));
        [branch, last] = [NOTHING, NOTHING];
      } else item(flags);
    }
    widths.push(plus(branch, last));
    [branch, last] = [outer, NOTHING];
    return {
      least: Math.min(...widths.map(({ least }) => least)),
      most: Math.max(...widths.map(({ most }) => most)),
    };
  }

  function item(flags: Flags): void {
    const character = String.fromCodePoint(text.codePointAt(at)!);
    if (flags.x && /\s/.test(character)) {
      at += 1;
      return;
    }
    if (flags.x && character === "#") {
      while (at < text.length && peek() !== "\n") at += 1;
      return;
    }
    if (character === "(") {
      group(flags);
      canRepeat = true;
      return;
    }
    if ("*+?".includes(character)) {
      if (!canRepeat) throw new Error(`nothing to repeat at position ${at}`);
      at += 1;
      last = times(last, character === "+" ? 1 : 0, character === "?" ? 1 : Infinity);
      suffix(character);
      canRepeat = false;
      return;
    }
    canRepeat = true;
    if (character === "{" && repeat()) return;
    at += character.length;
    add("^$".includes(character) ? NOTHING : ONE);
    if (character === "[") {
      const set = readClass(text, at, flags.a);
      at = set.end;
      addClass(set);
    } else if (character === "\\") escaped(flags);
    else if (character === ".")
      emit(flags.s ? "(?s:.)" : "[^\\n]", flags.s ? "[\\s\\S]" : "[^\\n]");
    else if (character === "^") emit(flags.m ? "(?m:^)" : "\\A", flags.m ? "(?<![^\\n])" : START);
    else if (character === "$") dollar(flags);
    else emit(literal(character, "re2"), literal(character, "js"));
  }

  function addClass(set: ClassState): void {
    if (set.re2 === null) onlyJs(set.js);
    else emit(set.re2, set.js);
  }

  /** `$` before the end of an alternative can be written as `\n?\z`; elsewhere that would eat the line feed. */
  function dollar(flags: Flags): void {
    if (flags.m) {
      emit("(?m:$)", `(?=\\n|${END})`);
      return;
    }
    const isLast = at === text.length || peek() === ")" || peek() === "|";
    const js = `(?=\\n?${END})`;
    if (isLast) emit("(?:\\n?\\z)", js);
    else onlyJs(js);
  }

  function suffix(quantifier: string): void {
    if (peek() === "+") throw new Error("possessive quantifiers are not supported");
    const lazy = peek() === "?" ? "?" : "";
    at += lazy.length;
    emit(quantifier + lazy);
  }

  function repeat(): boolean {
    const found = /^\{(\d*)(,?)(\d*)\}/.exec(text.slice(at));
    if (found === null || (found[1] === "" && found[3] === "")) return false;
    at += found[0].length;
    const low = found[1] === "" ? "0" : found[1]!;
    const most = found[2] === "" ? Number(low) : found[3] === "" ? Infinity : Number(found[3]);
    last = times(last, Number(low), most);
    if (Math.max(Number(low), Number(found[3])) > 1000) out.isRe2 = false; // RE2's limit
    suffix(`{${low}${found[2]}${found[3]}}`);
    return true;
  }

  function escaped(flags: Flags): void {
    const letter = peek();
    if (letter === undefined) throw new Error("bad escape (end of pattern)");
    const reference = /^[1-9]\d?/.exec(text.slice(at))?.[0];
    if (reference !== undefined) {
      at += reference.length;
      last = groups[Number(reference) - 1] ?? ANY;
      onlyJs(`(?:\\${reference})`);
      return;
    }
    const shorthand = SHORTHANDS[flags.a ? "ascii" : "unicode"];
    const boundary = `(?:(?<=[${shorthand.w}])(?![${shorthand.w}])|(?<![${shorthand.w}])(?=[${shorthand.w}]))`;
    at += 1;
    if ("AZbB".includes(letter)) last = NOTHING;
    if (letter === "A") emit("\\A", START);
    else if (letter === "Z") emit("\\z", END);
    else if (letter === "b") onlyJs(boundary);
    else if (letter === "B") onlyJs(`(?!${boundary})`);
    else if (letter === "d" || letter === "w" || letter === "s") emit(`[${shorthand[letter]}]`);
    else if (letter === "D") emit(`[^${shorthand.d}]`);
    else if (letter === "W") emit(`[^${shorthand.w}]`);
    else if (letter === "S") emit(`[^${shorthand.s}]`);
    else {
      const { character, end } = readEscape(text, at - 1);
      at = end;
      emit(literal(character, "re2"), literal(character, "js"));
    }
  }

  function group(flags: Flags): void {
    const rest = text.slice(at);
    const comment = /^\(\?#[^)]*\)/.exec(rest);
    if (comment !== null) {
      at += comment[0].length;
      return;
    }
    const backReference = /^\(\?P=([A-Za-z_]\w*)\)/.exec(rest);
    if (backReference !== null) {
      at += backReference[0].length;
      const number = namedGroups.get(backReference[1]!);
      if (number === undefined) throw new Error(`unknown group name '${backReference[1]}'`);
      add(groups[number] ?? ANY);
      onlyJs(`\\k<${backReference[1]}>`);
      return;
    }
    const start = at;
    const number = groups.length;
    const inner = open(rest, flags);
    const isCapturing = groups.length > number;
    const width = alternatives(inner);
    if (peek() !== ")") {
      throw new Error(`missing ), unterminated subpattern at position ${start}`);
    }
    at += 1;
    emit(")");
    if (isCapturing) groups[number] = width;
    if (/^\(\?<[=!]/.test(rest) && width.least !== width.most) {
      throw new Error("look-behind requires fixed-width pattern");
    }
    add(/^\(\?<?[=!]/.test(rest) ? NOTHING : width);
  }

  /** Writes the opening of a group and returns the flags inside it. */
  function open(rest: string, flags: Flags): Flags {
    const look = /^\(\?(<?[=!])/.exec(rest);
    const named = /^\(\?P<([A-Za-z_]\w*)>/.exec(rest);
    const scoped = /^\(\?([aimsux]*)(?:-([imsx]+))?:/.exec(rest);
    if (look !== null) {
      at += look[0].length;
      onlyJs(`(?${look[1]}`);
      return flags;
    }
    if (named !== null) {
      at += named[0].length;
      if (namedGroups.has(named[1]!)) throw new Error(`redefinition of group name '${named[1]}'`);
      namedGroups.set(named[1]!, groups.length);
      groups.push(undefined);
      emit(`(?P<${named[1]}>`, `(?<${named[1]}>`);
      return flags;
    }
    if (scoped !== null) {
      at += scoped[0].length;
      const inner = withFlags(flags, scoped[1] ?? "", scoped[2] ?? "");
      if (inner.i !== flags.i) out.isJs = false;
      emit(inner.i === flags.i ? "(?:" : inner.i ? "(?i:" : "(?-i:", "(?:");
      return inner;
    }
    if (rest.startsWith("(?")) {
      throw new Error(`unknown or unsupported extension ${rest.slice(0, 4)} at position ${at}`);
    }
    at += 1;
    groups.push(undefined);
    emit("(");
    return flags;
  }

  return { alternatives, atEnd: () => at >= text.length, position: () => at };
}
