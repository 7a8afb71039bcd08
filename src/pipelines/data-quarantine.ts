import { existsSync, readdirSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import type { Effects } from "../core/effects.ts";
import type { Engine } from "../table/engine.ts";
import type { Relation } from "../table/relation.ts";
import type { Sql } from "../table/sql.ts";
import { quarantineQuery } from "../validation/output-sql.ts";
import type { Validation } from "../validation/validate-relation.ts";
import type { PlannedDataset } from "./data-plan.ts";
import type { DatasetRecord } from "./data-record.ts";
import { storeByDigest } from "./increment-part.ts";
import type { BaseParams } from "./params.ts";
import type { BaseProject } from "./project.ts";
import type { RawManifest, StoredFile } from "./raw-manifest.ts";

/** The folder of a dataset's quarantined rows, relative to the project. */
function quarantineFolder({ contracts }: BaseParams, dataset: string): string {
  return `${contracts.quarantine}/${dataset}`;
}

/** Writes the rows that the contract drops of what was read, in clear and with their reasons. */
export async function storeQuarantine(
  project: BaseProject,
  engine: Engine,
  planned: PlannedDataset,
  relation: Relation,
  validation: Validation | null,
  effects: Effects,
): Promise<StoredFile | null> {
  const dropped = validation?.report.counts.dropped_rows ?? 0;
  if (validation === null || dropped === 0) return null;
  const query = quarantineQuery(relation, validation.badRows);
  const stored = await storeQuarantined(project, engine, planned, query, dropped, effects);
  noteQuarantined(project, planned, dropped, stored.file, effects);
  return stored;
}

/**
 * Writes quarantined rows to a file of mode 0600 that is named by its content: rows that are read again
 * after a failure make the same file again.
 */
export async function storeQuarantined(
  project: BaseProject,
  engine: Engine,
  { name }: PlannedDataset,
  query: Sql,
  count: number,
  effects: Effects,
): Promise<StoredFile> {
  const { writeQuarantined } = await import("../validation/quarantine.ts");
  const folder = join(project.root, quarantineFolder(project.params, name));
  return storeByDigest(folder, effects, async (path) => {
    await writeQuarantined(engine, query, path, "parquet", effects);
    return count;
  });
}

/** Says how many rows went to the quarantine, and to which file where it is one. */
export function noteQuarantined(
  { params }: BaseProject,
  { name }: PlannedDataset,
  count: number,
  file: string | null,
  effects: Effects,
): void {
  const where = quarantineFolder(params, name);
  effects.progress.note(
    `warning: ${name}: ${count} ${count === 1 ? "row breaks" : "rows break"} the contract; see ${file === null ? where : `${where}/${file}`}`,
  );
}

/** The quarantined rows of a dataset as its record has them. */
export function recordQuarantine(
  { params }: BaseProject,
  dataset: string,
  files: readonly StoredFile[],
): Pick<DatasetRecord, "quarantine"> {
  if (files.length === 0) return {};
  const folder = quarantineFolder(params, dataset);
  const quarantine = files.map(({ file, ...rest }) => ({ path: `${folder}/${file}`, ...rest }));
  return { quarantine };
}

/** Removes rows that a dataset which grows had dropped for what parts held that have changed or gone. */
export function clearDropped(
  { root, params }: BaseProject,
  dataset: string,
  before: RawManifest | null,
  now: RawManifest,
): void {
  const named = new Set(
    now.parts.flatMap(({ quarantine, dropped }) => [quarantine?.file, dropped?.file]),
  );
  for (const { dropped } of before?.parts ?? []) {
    if (dropped === undefined || named.has(dropped.file)) continue;
    rmSync(join(root, quarantineFolder(params, dataset), dropped.file), { force: true });
  }
}

/** Removes quarantined rows of earlier versions of a dataset that is read whole. */
export function clearQuarantine(
  { root, params }: BaseProject,
  dataset: string,
  kept: NonNullable<DatasetRecord["quarantine"]>,
): void {
  const folder = join(root, quarantineFolder(params, dataset));
  if (!existsSync(folder)) return;
  const names = new Set(kept.map(({ path }) => basename(path)));
  for (const file of readdirSync(folder)) {
    if (/^[0-9a-f]{64}\.parquet$|^\..*\.tmp$/.test(file) && !names.has(file)) {
      rmSync(join(folder, file), { force: true });
    }
  }
}
