import { closeSync, openSync, readSync } from "node:fs";
import { DuetMindError } from "../core/errors.ts";
import type { Engine } from "./engine.ts";
import type { CsvDialect } from "./source-params.ts";
import { lit, sql } from "./sql.ts";

/** More lines than any header with quoted line breaks has. */
const HEADER_LINES = 64;

export type CsvHeader = Readonly<{
  names: readonly string[];
  /** Records before the first row: `csv.skip`, blank lines and the header. */
  records: number;
  /**
   * Lines end in CRLF, and the header has a quoted line break, as spreadsheets write it (a lone LF):
   * DuckDB then loses its place while it skips the header unless it is told.
   */
  isCrlf: boolean;
}>;

/** The column names of a CSV file: `csv.columns`, else its header, else `column0` and so on. */
export async function readCsvHeader(
  engine: Engine,
  file: string,
  csv: CsvDialect,
): Promise<CsvHeader> {
  // a delimiter that no text has gives whole lines, of compressed files too
  const rows = await engine.rows(
    sql`SELECT line FROM read_csv(${lit(file)}, auto_detect = false, header = false, strict_mode = false, delim = ${lit("\u0001")}, quote = '', escape = '', skip = ${lit(csv.skip)}, encoding = ${lit(csv.encoding)}, columns = {'line': 'VARCHAR'}) LIMIT ${lit(HEADER_LINES)}`,
  );
  const lines = rows.map((row) => String(row["line"] ?? ""));
  const first = lines.findIndex((line) => line !== "");
  if (first === -1) throw emptyError(file);
  const text = lines
    .slice(first)
    .join("\n")
    .replace(/^\uFEFF/, "");
  const { fields, lines: taken } = firstRecord(text, csv.delimiter, csv.quote);
  const names = chooseNames(fields, csv, file);
  checkNames(names, file);
  const records = csv.skip + first + (csv.header ? 1 : 0);
  return { names, records, isCrlf: taken > 1 && startsWithCrlf(file) };
}

function startsWithCrlf(file: string): boolean {
  const start = Buffer.alloc(1 << 16);
  const fd = openSync(file, "r");
  try {
    return start.subarray(0, readSync(fd, start)).includes("\r\n");
  } finally {
    closeSync(fd);
  }
}

export function emptyError(file: string): DuetMindError {
  return new DuetMindError("DATA_EMPTY", `${file}: expected rows of data, got none`, {
    file,
    hint: "the file is empty or has a header only",
  });
}

function chooseNames(fields: readonly string[], csv: CsvDialect, file: string): string[] {
  const { columns } = csv;
  if (columns !== undefined) {
    if (columns.length === fields.length) return [...columns];
    throw new DuetMindError(
      "BAD_INPUT",
      `${file}: expected ${columns.length} columns as csv.columns names, got ${fields.length}`,
      { file },
    );
  }
  if (!csv.header) return fields.map((_, i) => `column${i}`);
  return fields.map((field, i) => (field === "" ? `Unnamed: ${i}` : field)); // pandas' name for it
}

/** DuckDB, like most databases, tells names apart without case. */
function checkNames(names: readonly string[], file: string): void {
  const seen = new Map<string, string>();
  for (const name of names) {
    const before = seen.get(name.toLowerCase());
    if (before !== undefined) {
      const got = before === name ? `"${name}" twice` : `"${before}" and "${name}"`;
      throw new DuetMindError(
        "BAD_INPUT",
        `${file}: expected column names that differ (by more than case), got ${got}`,
        { file, hint: "rename one in the header, or name all columns in csv.columns" },
      );
    }
    seen.set(name.toLowerCase(), name);
  }
}

/** The fields of the first record of a CSV text, and its lines; quotes are doubled inside quotes. */
function firstRecord(
  text: string,
  delimiter: string,
  quote: string,
): Readonly<{ fields: string[]; lines: number }> {
  const fields: string[] = [];
  let at = 0;
  for (;;) {
    let field = "";
    if (quote !== "" && text[at] === quote) {
      const [value, end] = quotedField(text, at + 1, quote);
      field = value;
      at = end;
    }
    const start = at;
    while (at < text.length && text[at] !== "\n" && !text.startsWith(delimiter, at)) at++;
    fields.push(field + text.slice(start, at).replace(/\r$/, ""));
    if (at >= text.length || text[at] === "\n") {
      return { fields, lines: text.slice(0, at).split("\n").length };
    }
    at += delimiter.length;
  }
}

function quotedField(text: string, start: number, quote: string): [value: string, end: number] {
  let value = "";
  for (let at = start; ; at++) {
    if (at >= text.length) return [value, at];
    if (text[at] !== quote) value += text[at];
    else if (text[at + 1] === quote) {
      value += quote;
      at++;
    } else return [value, at + 1];
  }
}
