import type { MapKey, Value, ValueMap } from "../../values/value.ts";

/**
 * The rows of a CSV or TSV file as Python's `csv.DictReader` gives them: every cell a text, a short
 * row filled with null, what a long row has too much in a list under the key null, empty lines left out.
 */
export function csvRows(text: string, delimiter: string, hasHeader: boolean): readonly ValueMap[] {
  const lines = splitCsv(text, delimiter).filter((line) => line.length > 0);
  if (hasHeader) return lines.slice(1).map((line) => toRow(lines[0]!, line));
  // DVC counts the columns of a file without a header by commas, in a TSV file too
  const width = splitCsv(text, ",").find((line) => line.length > 0)?.length ?? 0;
  const header = Array.from({ length: width }, (_, i) => String(i));
  return lines.map((line) => toRow(header, line));
}

function toRow(header: readonly string[], line: readonly string[]): ValueMap {
  const row = new Map<MapKey, Value>(header.map((name, i) => [name, line[i] ?? null]));
  if (line.length > header.length) row.set(null, line.slice(header.length));
  return row;
}

/** Fields in quotes may hold the delimiter, line breaks, and quotes written twice. */
function splitCsv(text: string, delimiter: string): string[][] {
  const lines: string[][] = [];
  let line: string[] = [];
  let field = "";
  let isQuoted = false;
  let isStarted = false;
  const endLine = () => {
    if (isStarted) lines.push([...line, field]);
    [line, field, isStarted] = [[], "", false];
  };
  for (let i = 0; i < text.length; i++) {
    const character = text[i]!;
    if (isQuoted) {
      if (character !== '"') field += character;
      else if (text[i + 1] === '"') field += text[++i]!;
      else isQuoted = false;
    } else if (character === '"' && field === "") {
      isQuoted = true;
      isStarted = true;
    } else if (character === delimiter) {
      line.push(field);
      [field, isStarted] = ["", true];
    } else if (character === "\n" || character === "\r") {
      if (character === "\r" && text[i + 1] === "\n") i++;
      endLine();
    } else {
      field += character;
      isStarted = true;
    }
  }
  endLine();
  return lines;
}
