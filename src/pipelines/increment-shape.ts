import { DuetMindError } from "../core/errors.ts";
import type { Engine } from "../table/engine.ts";
import { sourceColumns } from "../table/source.ts";
import type { GrowingDataset } from "./data-plan.ts";
import type { ReadRows } from "./data-read.ts";
import type { RawManifest } from "./raw-manifest.ts";

/** What later rows of a growing dataset must agree with. */
export type Shape = Pick<RawManifest, "columns" | "read_types">;

const TEXT_FORMATS = /^(csv|tsv|json|ndjson|xlsx)$/;

/**
 * The dataset as its next rows are read. Text has no types of its own, so a column is read as what it
 * was at first: a site code that holds only digits this week stays text.
 */
export async function keepTypes<T extends GrowingDataset>(
  engine: Engine,
  planned: T,
  shape: Shape | null,
): Promise<T> {
  if (shape === null || !TEXT_FORMATS.test(planned.format)) return planned;
  const source = { ...planned.params, path: planned.subject, format: planned.format };
  const present = new Set(await sourceColumns(engine, source, planned.files));
  const known = Object.entries(shape.read_types).filter(([name]) => present.has(name));
  const types = { ...Object.fromEntries(known), ...planned.params.types };
  return { ...planned, params: { ...planned.params, types } };
}

/**
 * The shape after the next rows. The first rows decide it; later ones must have the same columns of the
 * same types, in whatever order. Throws COLUMN_NOT_FOUND or COLUMN_TYPE.
 */
export function agreeOnShape(
  planned: GrowingDataset,
  shape: Shape | null,
  { relation, readColumns }: ReadRows,
): Shape {
  const columns = relation.columns.map(({ name, type, duckdbType }) => ({
    name,
    type,
    duckdb_type: duckdbType,
  }));
  const read = Object.fromEntries(readColumns.map(({ name, type }) => [name, type]));
  if (shape === null) return { columns, read_types: read };
  for (const [name, type] of Object.entries(shape.read_types)) {
    if (read[name] === type) continue;
    if (read[name] === undefined) {
      throw changed(planned, "COLUMN_NOT_FOUND", `the column "${name}" of earlier rows`, "none");
    }
    throw changed(planned, "COLUMN_TYPE", `"${name}" as ${type}, like earlier rows`, read[name]);
  }
  const added = Object.keys(read).find((name) => shape.read_types[name] === undefined);
  if (added !== undefined) {
    throw changed(planned, "COLUMN_NOT_FOUND", "the columns of earlier rows", `"${added}" as well`);
  }
  const before = new Map(shape.columns.map(({ name, duckdb_type }) => [name, duckdb_type]));
  const other = columns.find(({ name, duckdb_type }) => before.get(name) !== duckdb_type);
  if (other !== undefined) {
    const type = before.get(other.name) ?? "no such column";
    throw changed(
      planned,
      "COLUMN_TYPE",
      `"${other.name}" as ${type}, like stored rows`,
      other.duckdb_type,
    );
  }
  return { columns: shape.columns, read_types: shape.read_types };
}

function changed(
  planned: GrowingDataset,
  code: "COLUMN_NOT_FOUND" | "COLUMN_TYPE",
  expected: string,
  got: string,
): DuetMindError {
  return new DuetMindError(code, `${planned.subject}: expected ${expected}, got ${got}`, {
    hint: "if the source changed for good, read all of it again with: duetmind data --full-refresh",
  });
}
