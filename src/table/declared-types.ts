import { DuetMindError } from "../core/errors.ts";
import { nearestHint } from "../core/nearest.ts";
import { INTEGER } from "./csv-guess.ts";
import { ownErrorText } from "./duckdb-error.ts";
import { DECLARABLE_TYPES, toDuckDbType } from "./pandas-type.ts";
import { lit, raw, type Sql, sql } from "./sql.ts";

/** Column → pandas type, as `types:` of a source declares. */
export type DeclaredTypes = Readonly<Record<string, string>>;

export function checkTypes(types: DeclaredTypes, subject: string): void {
  for (const [name, type] of Object.entries(types)) {
    if (toDuckDbType(type) !== undefined) continue;
    throw new DuetMindError(
      "BAD_INPUT",
      `${subject}: types.${name}: expected a pandas type such as int64, float64, str, bool or datetime64[ns], got "${type}"`,
      {
        path: `types.${name}`,
        ...nearestHint(type, DECLARABLE_TYPES),
      },
    );
  }
}

export function checkDeclaredColumns(
  types: DeclaredTypes,
  names: readonly string[],
  file: string,
): void {
  for (const name of Object.keys(types)) {
    if (names.includes(name)) continue;
    throw new DuetMindError(
      "COLUMN_NOT_FOUND",
      `${file}: expected the column "${name}" that types: declares, got ${names.join(", ")}`,
      { file, path: `types.${name}`, ...nearestHint(name, names) },
    );
  }
}

/** Fails the query at a value that is not of the type declared for the column at `place`. */
export function declaredFault(place: number, text: Sql): Sql {
  return sql`error('duetmind:declared:' || ${lit(place)} || ':' || ${text})`;
}

/**
 * What such a failure says to whoever declared the type, or undefined for any other error. Of more than
 * one subject each has its own places, behind those of the one before.
 */
export function declaredError(
  error: unknown,
  names: readonly string[],
  types: DeclaredTypes,
  ...subjects: readonly string[]
): DuetMindError | undefined {
  const cause = error instanceof DuetMindError ? error.details.cause : error;
  const match = ownErrorText(cause)?.match(/^duetmind:declared:(\d+):(.*)$/);
  if (match === null || match === undefined) return undefined;
  const place = Number(match[1]);
  const name = names[place % names.length]!;
  const subject = subjects[Math.floor(place / names.length)]!;
  return new DuetMindError(
    "COLUMN_TYPE",
    `${subject}: column "${name}": expected ${types[name]} as types: declares, got "${match[2]}"`,
    { file: subject, path: `types.${name}` },
  );
}

/**
 * A text as a value of a declared type; one that is not of it is an error that shows it. A whole number
 * may be written as 2.0 or 2e3, but nothing is rounded, which DuckDB's cast of text would do.
 */
export function textToDeclared(text: Sql, declared: string, place: number): Sql {
  const type = toDuckDbType(declared)!;
  const cast = sql`TRY_CAST(${text} AS ${raw(type)})`;
  const isWhole = sql`regexp_matches(${text}, ${lit(INTEGER)}) OR (abs(${cast}::DOUBLE) <= 9007199254740991 AND TRY_CAST(${text} AS DOUBLE) = ${cast}::DOUBLE)`;
  const isOfType = type.includes("INT")
    ? sql`${cast} IS NOT NULL AND (${isWhole})`
    : sql`${cast} IS NOT NULL`;
  return sql`CASE WHEN ${text} IS NULL THEN NULL WHEN ${isOfType} THEN ${cast} ELSE ${declaredFault(place, text)} END`;
}

/** The same of a number, or of a truth value: what would come back as another one is not of the type. */
export function numberToDeclared(value: Sql, own: string, declared: string, place: number): Sql {
  const type = toDuckDbType(declared)!;
  const cast = sql`TRY_CAST(${value} AS ${raw(type)})`;
  const isKept =
    type.includes("INT") || type === "BOOLEAN"
      ? sql`TRY_CAST(${cast} AS ${raw(own)}) = ${value}`
      : sql`${cast} IS NOT NULL`;
  return sql`CASE WHEN ${value} IS NULL THEN NULL WHEN ${isKept} THEN ${cast} ELSE ${declaredFault(place, sql`${value}::VARCHAR`)} END`;
}
