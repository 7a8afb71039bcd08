import { DuetMindError } from "../core/errors.ts";
import { checkColumnCount } from "./column-limit.ts";
import { guessDelimiter } from "./csv-delimiter.ts";
import { parseRecords } from "./csv-records.ts";
import type { PlainFile } from "./plain-text.ts";
import { type CsvDialect, type CsvParams, MAX_RECORD_BYTES } from "./source-params.ts";
import { readHead } from "./text-lines.ts";

export type CsvHeader = Readonly<{
  names: readonly string[];
  /** The delimiter is known. */
  csv: CsvDialect;
  /**
   * Lines end in CRLF, and the header has a quoted line break, as spreadsheets write it (a lone LF):
   * DuckDB then loses its place while it skips the header unless it is told.
   */
  isCrlf: boolean;
}>;

/** The column names of a CSV file: `csv.columns`, else its header, else `column0` and so on. */
export function readCsvHeader(file: PlainFile, csv: CsvParams, delimiter: string): CsvHeader {
  const head = readHead(file.path, csv.max_record_bytes ?? MAX_RECORD_BYTES);
  const dialect = {
    ...csv,
    delimiter: csv.delimiter === "auto" ? guessDelimiter(head, csv, file.name) : delimiter,
  };
  const [first] = parseRecords(head, dialect);
  if (first === undefined) throw emptyError(file.name);
  checkColumnCount(first.fields.length, file.name);
  const names = chooseNames(first.fields, csv, file.name);
  checkNames(names, file.name);
  return { names, csv: dialect, isCrlf: first.lines > 1 && head.includes("\r\n") };
}

export function emptyError(file: string): DuetMindError {
  return new DuetMindError("DATA_EMPTY", `${file}: expected rows of data, got none`, {
    file,
    hint: "the file is empty or has a header only",
  });
}

function chooseNames(fields: readonly string[], csv: CsvParams, file: string): string[] {
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
export function checkNames(
  names: readonly string[],
  file: string,
  hint = "rename one in the header, or name all columns in csv.columns",
): void {
  const seen = new Map<string, string>();
  for (const name of names) {
    const before = seen.get(name.toLowerCase());
    if (before !== undefined) {
      const got = before === name ? `"${name}" twice` : `"${before}" and "${name}"`;
      throw new DuetMindError(
        "BAD_INPUT",
        `${file}: expected column names that differ (by more than case), got ${got}`,
        { file, hint },
      );
    }
    seen.set(name.toLowerCase(), name);
  }
}
