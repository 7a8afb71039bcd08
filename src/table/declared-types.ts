import { DuetMindError } from "../core/errors.ts";
import { nearestHint } from "../core/nearest.ts";
import { DECLARABLE_TYPES, toDuckDbType } from "./pandas-type.ts";

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
