/**
 * Columns whose value is the same in all rows of a file and stands in its path: `year=2024/part.parquet`
 * (Hive's way), or `heart-{hospital}.csv` in the path of the source.
 *
 *     path: raw/heart-{site}.csv         raw/heart-va.csv                → site = "va"
 *     path: events                       events/year=2024/month=5/a.csv  → year = 2024, month = 5
 */
import { DuetMindError } from "../core/errors.ts";
import { guessKind } from "./csv-guess.ts";
import type { DeclaredTypes } from "./declared-types.ts";
import { toDuckDbType } from "./pandas-type.ts";
import type { FoundFile, PathValue } from "./path-values.ts";
import { id, lit, raw, type Sql, sql } from "./sql.ts";

export type PathColumn = Readonly<{
  name: string;
  isHive: boolean;
  /** One value for each file. */
  values: readonly Sql[];
}>;

/** The columns that the paths of these files tell, in the order of the first path, typed by content. */
export function planPathColumns(files: readonly FoundFile[], types: DeclaredTypes): PathColumn[] {
  const [first] = files;
  const expected = columnsOf(first);
  for (const file of files) {
    if (columnsOf(file).join("/") === expected.join("/")) continue;
    throw new DuetMindError(
      "BAD_INPUT",
      `${file.path}: expected the partition columns of ${first!.path} (${expected.join(", ") || "none"}), got ${columnsOf(file).join(", ") || "none"}`,
      { file: file.path },
    );
  }
  return (first?.pathValues ?? []).map(({ column, isHive }, i) => {
    const values = files.map((file) => file.pathValues![i]!.value);
    const declared = types[column];
    const type = declared === undefined ? typeOf(values) : toDuckDbType(declared)!;
    return {
      name: column,
      isHive,
      values: values.map((value) => sql`CAST(${lit(value)} AS ${raw(type)})`),
    };
  });
}

function columnsOf(file: FoundFile | undefined): string[] {
  return (file?.pathValues ?? []).map((value: PathValue) => value.column);
}

function typeOf(values: readonly (string | null)[]): string {
  switch (guessKind(values)) {
    case "int":
      return "BIGINT";
    case "int-as-float":
    case "float":
      return "DOUBLE";
    case "bool":
      return "BOOLEAN";
    default:
      return "VARCHAR";
  }
}

/**
 * Path columns beside the columns that the files have themselves. A partition column that the files
 * repeat is taken from them; a `{name}` of the path must be a new one.
 */
export function addedColumns(
  columns: readonly PathColumn[],
  names: readonly string[],
  subject: string,
): PathColumn[] {
  const own = new Set(names.map((name) => name.toLowerCase()));
  return columns.filter(({ name, isHive }) => {
    if (!own.has(name.toLowerCase())) return true;
    if (isHive) return false;
    throw new DuetMindError(
      "BAD_INPUT",
      `${subject}: expected {${name}} of the path to be a new column, got one that the file has`,
      { file: subject },
    );
  });
}

/** The path columns of one file for the end of a SELECT list, each after a comma. */
export function selectPathColumns(columns: readonly PathColumn[], file: number): Sql {
  return columns.reduce(
    (list, { name, values }) => sql`${list}, ${values[file]!} AS ${id(name)}`,
    sql``,
  );
}
