import { type Digest, digestJson } from "../core/hash.ts";
import type { PandasType } from "./pandas-type.ts";

/** Digest of a table's shape: names and normalised types, in order; nothing else enters. */
export function schemaHash(
  columns: readonly Readonly<{ name: string; type: PandasType }>[],
): Digest {
  return digestJson(columns.map(({ name, type }) => [name, type]));
}
