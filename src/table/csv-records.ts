import type { CsvParams } from "./source-params.ts";

export type CsvMarks = Pick<CsvParams, "quote" | "escape" | "comment"> &
  Readonly<{ delimiter: string }>;

export type CsvRecord = Readonly<{
  fields: readonly string[];
  /** Lines of text that it takes. */
  lines: number;
  /** False when the text ended within it. */
  isWhole: boolean;
}>;

/** The first records of a CSV text, as far as a header or a guess needs them. */
export function* parseRecords(text: string, marks: CsvMarks): Generator<CsvRecord> {
  let at = 0;
  while (at < text.length) {
    const start = at;
    const fields: string[] = [];
    let isEnd = false;
    while (!isEnd) {
      let field = "";
      if (marks.quote !== "" && text[at] === marks.quote) {
        [field, at] = quotedField(text, at + 1, marks);
      }
      const end = unquotedEnd(text, at, marks);
      fields.push(field + text.slice(at, end));
      isEnd = !text.startsWith(marks.delimiter, end) || end >= text.length;
      at = isEnd ? lineEnd(text, end) : end + marks.delimiter.length;
    }
    const isWhole = at < text.length || /[\r\n]$/.test(text);
    const isComment = marks.comment !== undefined && text.startsWith(marks.comment, start);
    const isBlank = fields.length === 1 && fields[0] === "";
    if (!isBlank && !isComment) {
      yield { fields, lines: countLines(text.slice(start, at)), isWhole };
    }
  }
}

function unquotedEnd(text: string, start: number, { delimiter, comment }: CsvMarks): number {
  let at = start;
  while (at < text.length) {
    const character = text[at];
    if (character === "\n" || character === "\r" || character === comment) return at;
    if (text.startsWith(delimiter, at)) return at;
    at += 1;
  }
  return at;
}

/** Past the rest of the line, which is a comment or nothing, and its end. */
function lineEnd(text: string, start: number): number {
  let at = start;
  while (at < text.length && text[at] !== "\n" && text[at] !== "\r") at += 1;
  return text.startsWith("\r\n", at) ? at + 2 : at + 1;
}

function quotedField(
  text: string,
  start: number,
  { quote, escape: mark = quote }: CsvMarks,
): [value: string, end: number] {
  let value = "";
  for (let at = start; ; at++) {
    if (at >= text.length) return [value, at];
    const character = text[at]!;
    const next = text[at + 1];
    if (character === mark && (next === quote || next === mark)) {
      value += next;
      at += 1;
    } else if (character === quote) return [value, at + 1];
    else value += character;
  }
}

function countLines(text: string): number {
  return text.replace(/(\r\n|\r|\n)$/, "").split(/\r\n|\r|\n/).length;
}
