import { DuetMindError } from "../core/errors.ts";
import { nearestHint } from "../core/nearest.ts";
import { ownErrorText } from "./duckdb-error.ts";
import { DECLARABLE_TYPES, toDuckDbType } from "./pandas-type.ts";
import { lit, type Sql, sql } from "./sql.ts";

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
      { file, path: `types.${name}` },
    );
  }
}

/** Fails the query at a value that is not of the type declared for the column at `place`. */
export function declaredFault(place: number, text: Sql): Sql {
  return sql`error('duetmind:declared:' || ${lit(place)} || ':' || ${text})`;
}

/** What such a failure says to whoever declared the type, or undefined for any other error. */
export function declaredError(
  error: unknown,
  names: readonly string[],
  types: DeclaredTypes,
  subject: string,
): DuetMindError | undefined {
  const cause = error instanceof DuetMindError ? error.details.cause : error;
  const match = ownErrorText(cause)?.match(/^duetmind:declared:(\d+):(.*)$/);
  if (match === null || match === undefined) return undefined;
  const name = names[Number(match[1])]!;
  return new DuetMindError(
    "COLUMN_TYPE",
    `${subject}: column "${name}": expected ${types[name]} as types: declares, got "${match[2]}"`,
    { file: subject, path: `types.${name}` },
  );
}
