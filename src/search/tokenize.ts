import { DuetMindError } from "../core/errors.ts";

/**
 * The words of a filter, in one pass over the text. Nothing is unescaped: a quoted text is what stands
 * between its quotes, and a doubled quote or one behind a backslash does not end it, as in MLflow.
 */
export type Token = Readonly<{
  kind: "word" | "identifier" | "string" | "number" | "operator" | "(" | ")" | ",";
  /** As written; of a string, what is between its quotes. */
  text: string;
  /** Of an identifier: what stands before the first dot, and the key without its quotes. */
  prefix?: string;
  /** Where it starts, counted from 0. */
  at: number;
}>;

/** Far beyond any filter of a person; texts of this length still parse in milliseconds. */
export const MAX_FILTER_CHARACTERS = 65_536;

const WORD = /[\p{L}\p{N}_.]+/uy;
const NUMBER = /-?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?/y;
const SPACE = /[ \t\n\r\f\v]+/y;
const OPERATOR = /!=|>=|<=|=|>|</y;

export function tokenize(text: string): readonly Token[] {
  if (text.length > MAX_FILTER_CHARACTERS) {
    throw new DuetMindError(
      "BAD_INPUT",
      `Invalid filter string: expected at most ${MAX_FILTER_CHARACTERS} characters, got ${text.length}`,
    );
  }
  const nul = text.indexOf("\0");
  if (nul >= 0) throw syntaxError("expected text without NUL", "NUL", nul);
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    const space = match(SPACE, text, at);
    if (space !== undefined) {
      at += space.length;
      continue;
    }
    const { end, ...token } = readToken(text, at);
    tokens.push(token);
    at = end;
  }
  return tokens;
}

/** An error at a place of the text; places are counted from 1 for readers. */
export function syntaxError(expected: string, got: string, at: number): DuetMindError {
  const shown = got.length > 60 ? `${got.slice(0, 60)}…` : got;
  return new DuetMindError(
    "BAD_INPUT",
    `Invalid clause(s) in filter string: ${expected}, got ${shown} at position ${at + 1}`,
  );
}

function readToken(text: string, at: number): Token & Readonly<{ end: number }> {
  const first = text[at]!;
  if (first === "(" || first === ")" || first === ",") {
    return { kind: first, text: first, at, end: at + 1 };
  }
  if (first === "'" || first === '"') {
    const end = endOfQuoted(text, at);
    return { kind: "string", text: text.slice(at + 1, end - 1), at, end };
  }
  if (first === "`") {
    const end = endOfQuoted(text, at);
    if (text[end] === ".") return readKey(text, at, text.slice(at + 1, end - 1), end + 1);
    return { kind: "identifier", text: text.slice(at + 1, end - 1), at, end };
  }
  const operator = match(OPERATOR, text, at);
  if (operator !== undefined) {
    return { kind: "operator", text: operator, at, end: at + operator.length };
  }
  const number = match(NUMBER, text, at);
  if (number !== undefined) {
    const end = at + number.length;
    const glued = match(WORD, text, end);
    if (glued !== undefined) throw syntaxError("expected a number", `"${number}${glued}"`, at);
    return { kind: "number", text: number, at, end };
  }
  const word = match(WORD, text, at);
  if (word === undefined) throw syntaxError("expected a clause", `"${first}"`, at);
  const dot = word.indexOf(".");
  if (dot < 0) return { kind: "word", text: word, at, end: at + word.length };
  return readKey(text, at, word.slice(0, dot), at + dot + 1);
}

/** The key behind `prefix.`: quoted, or a word that may hold dots itself. */
function readKey(text: string, at: number, prefix: string, keyAt: number): Token & { end: number } {
  const quoted = "`\"'".includes(text[keyAt] ?? " ");
  const end = quoted ? endOfQuoted(text, keyAt) : keyAt + (match(WORD, text, keyAt)?.length ?? 0);
  const key = quoted ? text.slice(keyAt + 1, end - 1) : text.slice(keyAt, end);
  if (key === "") throw syntaxError("expected a key behind the dot", `"${prefix}."`, at);
  return { kind: "identifier", text: key, prefix, at, end };
}

/**
 * The place behind the closing quote. Where none is left but behind a backslash, the last of those
 * closes after all: 'C:\' is the text C:\. Every character is looked at once, and once more at most.
 */
function endOfQuoted(text: string, at: number): number {
  const quote = text[at]!;
  let last = -1;
  for (let i = at + 1; i < text.length; i++) {
    if (text[i] !== quote) continue;
    if (text[i + 1] === quote) {
      i += 1;
      last = -1;
    } else if (quote !== "`" && text[i - 1] === "\\" && i - 1 > at) {
      last = i;
    } else {
      return i + 1;
    }
  }
  if (last >= 0) return last + 1;
  throw syntaxError(`expected a closing ${quote}`, "the end", text.length);
}

function match(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}
