/**
 * JSON as MLflow's clients send it: what JSON.parse takes, and the bare tokens NaN, Infinity and
 * -Infinity that Python writes. An integer that a number cannot hold exactly becomes a bigint.
 *
 * Nearly every body has neither, and goes through JSON.parse.
 */
export function parseWireJson(text: string): unknown {
  return NEEDS_CARE.test(text) ? parseWithCare(text) : JSON.parse(text);
}

/** Also true for such words inside of strings, which costs time and nothing else. */
const NEEDS_CARE = /NaN|Infinity|(?<![.\d])\d{16}/;

const MAX_DEPTH = 200;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const SPACE = /[ \t\n\r]*/y;
const WORDS: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ["true", true],
  ["false", false],
  ["null", null],
  ["NaN", Number.NaN],
  ["Infinity", Number.POSITIVE_INFINITY],
  ["-Infinity", Number.NEGATIVE_INFINITY],
]);

function parseWithCare(text: string): unknown {
  let at = 0;

  function fail(): never {
    throw new SyntaxError(`JSON: expected a value at position ${at}`);
  }

  function match(pattern: RegExp): string | undefined {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0];
    if (found !== undefined) at += found.length;
    return found;
  }

  function take(token: string): boolean {
    match(SPACE);
    if (!text.startsWith(token, at)) return false;
    at += token.length;
    return true;
  }

  function value(depth: number): unknown {
    if (depth > MAX_DEPTH) fail();
    if (take("{")) return object(depth);
    if (take("[")) return list(depth);
    if (text[at] === '"') return string();
    for (const [word, meaning] of WORDS) if (take(word)) return meaning;
    const digits = match(NUMBER);
    if (digits === undefined) fail();
    const number = Number(digits);
    return /[.eE]/.test(digits) || Number.isSafeInteger(number) ? number : BigInt(digits);
  }

  /** To the quote that no odd number of backslashes stands before. */
  function string(): string {
    if (text[at] !== '"') fail();
    let end = at;
    do {
      end = text.indexOf('"', end + 1);
      if (end < 0) fail();
    } while (backslashesBefore(text, end) % 2 === 1);
    const quoted = text.slice(at, end + 1);
    at = end + 1;
    return JSON.parse(quoted) as string;
  }

  function object(depth: number): unknown {
    const entries: [string, unknown][] = [];
    if (take("}")) return {};
    do {
      match(SPACE);
      const key = string();
      if (!take(":")) fail();
      entries.push([key, value(depth + 1)]);
    } while (take(","));
    if (!take("}")) fail();
    return Object.fromEntries(entries);
  }

  function list(depth: number): unknown[] {
    const items: unknown[] = [];
    if (take("]")) return items;
    do items.push(value(depth + 1));
    while (take(","));
    if (!take("]")) fail();
    return items;
  }

  const parsed = value(0);
  match(SPACE);
  if (at !== text.length) fail();
  return parsed;
}

function backslashesBefore(text: string, end: number): number {
  let count = 0;
  while (text[end - 1 - count] === "\\") count += 1;
  return count;
}
