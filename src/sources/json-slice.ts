/**
 * Parts of a JSON document as they are written. Parsing and writing a number again may change it
 * (2^53 + 1, 1.10, 1e400), so rows keep their own text. Both functions take text that JSON.parse has
 * accepted; that is why they look at no more than brackets, quotes and commas.
 */
export type Slice = Readonly<{ start: number; end: number }>;

/** The value at a place, or undefined; of two keys of one name the last counts, as for JSON.parse. */
export function sliceAt(text: string, steps: readonly string[]): Slice | undefined {
  let start = skipSpace(text, 0);
  for (const step of steps) {
    const found = [...members(text, start)].findLast((member) => member.name === step);
    if (found === undefined) return undefined;
    start = found.start;
  }
  return { start, end: skipValue(text, start) };
}

/** The elements of an array that starts there, each on one line. */
export function elementLines(text: string, start: number): string[] {
  const lines: string[] = [];
  for (const { start: from, end } of members(text, start)) {
    // a line break of valid JSON stands between tokens, never in a string
    lines.push(text.slice(from, end).replaceAll(/[\r\n]+[ \t]*/g, ""));
  }
  return lines;
}

function* members(text: string, start: number): Generator<Slice & Readonly<{ name: string }>> {
  const isObject = text[start] === "{";
  if (!isObject && text[start] !== "[") return;
  let at = skipSpace(text, start + 1);
  for (let i = 0; text[at] !== "}" && text[at] !== "]"; i++) {
    let name = String(i);
    if (isObject) {
      const end = skipString(text, at);
      name = JSON.parse(text.slice(at, end)) as string;
      at = skipSpace(text, skipSpace(text, end) + 1); // the colon
    }
    const end = skipValue(text, at);
    yield { name, start: at, end };
    at = skipSpace(text, end);
    if (text[at] === ",") at = skipSpace(text, at + 1);
  }
}

function skipSpace(text: string, at: number): number {
  let i = at;
  while (text.charCodeAt(i) <= 32) i++;
  return i;
}

function skipString(text: string, start: number): number {
  let i = start + 1;
  for (let code = text.charCodeAt(i); code !== 34; code = text.charCodeAt(i)) {
    i += code === 92 ? 2 : 1;
  }
  return i + 1;
}

/** The end of the value that starts there. */
function skipValue(text: string, start: number): number {
  let i = start;
  let depth = 0;
  do {
    const character = text[i]!;
    if (character === '"') i = skipString(text, i);
    else if (character === "{" || character === "[") {
      depth += 1;
      i += 1;
    } else if (character === "}" || character === "]") {
      depth -= 1;
      i += 1;
    } else if (depth > 0) i += 1;
    else return skipScalar(text, i);
  } while (depth > 0);
  return i;
}

function skipScalar(text: string, start: number): number {
  let i = start;
  while (i < text.length && !/[\s,\]}]/.test(text[i]!)) i++;
  return i;
}
