import { DuetMindError } from "../core/errors.ts";
import { parseRecords } from "./csv-records.ts";
import type { CsvParams } from "./source-params.ts";

const CANDIDATES = [",", ";", "\t", "|"] as const;
/** Records that must agree. */
const SAMPLE_RECORDS = 200;

/**
 * The delimiter that cuts every record of a sample into the same number of fields, more than one. Two
 * that do are an error, since a wrong guess would go unseen; a text that none cuts has one column.
 */
export function guessDelimiter(head: string, csv: CsvParams, file: string): string {
  const fitting = CANDIDATES.map((delimiter) => ({
    delimiter,
    fields: fieldsOfEach(head, { ...csv, delimiter }),
  })).filter(({ fields }) => fields > 1);
  const [first, second] = fitting;
  if (second === undefined) {
    if (first !== undefined) return first.delimiter;
    if (CANDIDATES.every((delimiter) => fieldsOfEach(head, { ...csv, delimiter }) === 1))
      return ",";
  }
  const got =
    second === undefined
      ? "none"
      : fitting.map((each) => `"${each.delimiter}" (${each.fields} fields)`).join(" and ");
  throw new DuetMindError(
    "BAD_INPUT",
    `${file}: expected one delimiter that cuts every record into the same number of fields, got ${got}`,
    { file, hint: "name it in csv.delimiter of the source" },
  );
}

/** 0 when the records differ. */
function fieldsOfEach(head: string, marks: CsvParams & Readonly<{ delimiter: string }>): number {
  let count: number | undefined;
  let seen = 0;
  for (const { fields, isWhole } of parseRecords(head, marks)) {
    if (!isWhole && seen > 0) break; // the head of the file ends within it
    count ??= fields.length;
    if (fields.length !== count) return 0;
    seen += 1;
    if (seen === SAMPLE_RECORDS) break;
  }
  return count ?? 0;
}
