/**
 * Types of CSV columns by content, with pandas' names: int64, float64 (also integers with nulls),
 * bool, else str. The truth is over all rows, but looking at every value before reading costs a
 * second pass. So the first rows give a guess; the read itself proves it, value by value; and only
 * when a value disproves it, all rows are looked at (`csv-types-sql.ts`).
 *
 * Each guess is what DuckDB's own cast may not decide: it reads 1.5 as the BIGINT 2, 1_000 as 1000
 * and 0x1F as 31 without a word.
 */
export type CsvKind =
  | "int" // int64, no nulls
  | "int-as-float" // integers with nulls, every one exact as a double
  | "int-with-nulls" // integers with nulls beyond 2^53: stays an integer column
  | "uint" // beyond int64, within uint64
  | "float"
  | "bool"
  | "str";

export const INTEGER = "^\\s*[-+]?[0-9]+\\s*$";
export const FLOAT =
  "^\\s*[-+]?(([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][-+]?[0-9]+)?|(?i:inf|infinity|nan))\\s*$";
export const BOOL_WORDS = ["true", "false", "True", "False", "TRUE", "FALSE"] as const;

const integer = new RegExp(INTEGER);
const float = new RegExp(FLOAT.replace("(?i:inf|infinity|nan)", "[iI][nN][fF]|[nN][aA][nN]"));
const boolWords: ReadonlySet<string> = new Set(BOOL_WORDS);
const INT64_MAX = 2n ** 63n - 1n;

/** A guess from the first values of a column; undefined when they tell nothing or too much. */
export function guessKind(values: readonly (string | null)[]): CsvKind | undefined {
  const known = values.filter((value) => value !== null);
  if (known.length === 0) return undefined;
  const hasNulls = known.length < values.length;
  if (known.every((value) => boolWords.has(value))) return "bool";
  if (known.every((value) => integer.test(value))) {
    if (known.some((value) => !isInt64(value))) return undefined;
    return hasNulls ? "int-as-float" : "int";
  }
  return known.every((value) => float.test(value)) ? "float" : "str";
}

function isInt64(text: string): boolean {
  const value = BigInt(text.trim().replace(/^\+/, ""));
  return value <= INT64_MAX && value >= -INT64_MAX - 1n;
}
