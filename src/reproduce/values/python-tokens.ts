import { DuetMindError } from "../../core/errors.ts";
import type { Value } from "./value.ts";

/**
 * The tokens of a Python file, as far as its assignments need them. A `text` or `number` whose value is
 * undefined is one that cannot stand among parameters: bytes, f-strings, complex numbers.
 */
export type PythonToken = Readonly<
  | { kind: "name" | "operator"; text: string; line: number }
  | { kind: "text" | "number"; value: Value | undefined; line: number }
  | { kind: "newline" | "indent" | "dedent" | "end"; line: number }
>;

const NUMBER =
  /(?:0[xX][\da-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+|(?:\d[\d_]*)?\.\d[\d_]*(?:[eE][-+]?\d[\d_]*)?|\d[\d_]*\.?(?:[eE][-+]?\d[\d_]*)?)[jJ]?/y;
const NAME = /[\p{L}\p{Nl}_][\p{L}\p{Nl}\p{Mn}\p{Mc}\p{Nd}\p{Pc}]*/uy;
const TEXT_START = /([rRuUbBfFtT]{0,2})("""|'''|"|')/y;
const OPERATOR =
  /(?:\*\*=|\/\/=|>>=|<<=|\.\.\.|[-+*/%@&|^=!<>:]=|->|\*\*|\/\/|<<|>>|[-+*/%@&|^~<>()[\]{},:.;=!])/y;

export function pythonTokens(source: string, file: string): readonly PythonToken[] {
  const tokens: PythonToken[] = [];
  const indents = [0];
  let at = source.startsWith("\ufeff") ? 1 : 0;
  let line = 1;
  let depth = 0;
  let isLineStart = true;

  function fault(got: string): DuetMindError {
    return new DuetMindError("BAD_INPUT", `${file}:${line}: expected valid Python, got ${got}`, {
      file,
      line,
    });
  }

  function match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = at;
    return pattern.exec(source);
  }

  /** Opens or closes blocks at the first token of a line. */
  function indent(): void {
    const [space] = match(/[ \t\f]*/y)!;
    at += space.length;
    if (/[#\r\n]/.test(source[at] ?? "\n") || source.startsWith("\\\n", at)) return;
    const column = columnOf(space);
    if (column > indents.at(-1)!) {
      indents.push(column);
      tokens.push({ kind: "indent", line });
    }
    while (column < indents.at(-1)!) {
      indents.pop();
      tokens.push({ kind: "dedent", line });
    }
    if (column !== indents.at(-1)) throw fault("a line indented to no block around it");
    isLineStart = false;
  }

  function text(prefix: string, quote: string): void {
    const start = line;
    at += prefix.length + quote.length;
    const from = at;
    for (;;) {
      const character = source[at];
      if (character === undefined || (character === "\n" && quote.length === 1)) {
        throw fault("a text without its closing quote");
      }
      if (source.startsWith(quote, at)) break;
      if (character === "\n") line += 1;
      if (character === "\\") {
        if (source[at + 1] === "\n") line += 1;
        at += 1;
      }
      at += 1;
    }
    const body = source.slice(from, at).replaceAll("\r\n", "\n");
    at += quote.length;
    const value = /[bft]/i.test(prefix) ? undefined : /r/i.test(prefix) ? body : unescaped(body);
    tokens.push({ kind: "text", value, line: start });
  }

  while (at < source.length) {
    if (isLineStart && depth === 0) indent();
    const character = source[at];
    if (character === undefined) break;
    if (character === "\n") {
      if (depth === 0 && !isLineStart) tokens.push({ kind: "newline", line });
      if (depth === 0) isLineStart = true;
      line += 1;
      at += 1;
    } else if (/[ \t\f\r]/.test(character)) at += 1;
    else if (character === "#") at += match(/[^\n]*/y)![0].length;
    else if (character === "\\" && /\\\r?\n/y.test(source.slice(at, at + 3))) {
      line += 1;
      at = source.indexOf("\n", at) + 1;
    } else {
      const start = match(TEXT_START);
      const number = start === null ? match(NUMBER) : null;
      const name = start === null && number === null ? match(NAME) : null;
      if (start !== null) text(start[1]!, start[2]!);
      else if (number !== null) {
        tokens.push({ kind: "number", value: numberValue(number[0]), line });
        at += number[0].length;
      } else if (name !== null) {
        tokens.push({ kind: "name", text: name[0], line });
        at += name[0].length;
      } else {
        const operator = match(OPERATOR)?.[0];
        if (operator === undefined) throw fault(JSON.stringify(character));
        if (/[([{]/.test(operator)) depth += 1;
        if (/[)\]}]/.test(operator)) depth -= 1;
        if (depth < 0) throw fault(`"${operator}" without its opening one`);
        tokens.push({ kind: "operator", text: operator, line });
        at += operator.length;
      }
    }
  }
  if (depth > 0) throw fault("a bracket that is never closed");
  if (!isLineStart) tokens.push({ kind: "newline", line });
  for (let i = 1; i < indents.length; i++) tokens.push({ kind: "dedent", line });
  tokens.push({ kind: "end", line });
  return tokens;
}

function columnOf(space: string): number {
  let column = 0;
  for (const character of space)
    column = character === "\t" ? ((column >> 3) << 3) + 8 : column + 1;
  return column;
}

function numberValue(text: string): Value | undefined {
  const digits = text.replaceAll("_", "");
  if (/[jJ]$/.test(digits)) return undefined;
  if (/^0[xXoObB]/.test(digits) || /^\d+$/.test(digits)) return BigInt(digits);
  return Number(digits);
}

const ESCAPES: Readonly<Record<string, string>> = {
  "\n": "",
  "\\": "\\",
  "'": "'",
  '"': '"',
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
};

/** Undefined for a character by its name, `\N{…}`: no table of those names is kept. */
function unescaped(body: string): string | undefined {
  if (/(?<!\\)(?:\\\\)*\\N\{/.test(body)) return undefined;
  return body.replace(
    /\\(?:([0-7]{1,3})|x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|([\s\S]))/g,
    (whole: string, octal: string, x: string, u: string, long: string, one: string) => {
      if (octal !== undefined) return String.fromCodePoint(Number.parseInt(octal, 8));
      const hex = x ?? u ?? long;
      if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16));
      return ESCAPES[one] ?? whole;
    },
  );
}
