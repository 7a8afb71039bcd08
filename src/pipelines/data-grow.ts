import { canonicalJson } from "../core/canonical-json.ts";
import type { Effects } from "../core/effects.ts";
import type { Engine } from "../table/engine.ts";
import type { GrowingDataset } from "./data-plan.ts";
import { digestSources } from "./data-read.ts";
import type { DatasetRecord } from "./data-record.ts";
import { growByFile } from "./increment-by-file.ts";
import { growByRow } from "./increment-by-row.ts";
import { markDropped } from "./increment-dropped.ts";
import { markReplaced } from "./increment-upsert.ts";
import type { RowsTaken } from "./ingest-run.ts";
import type { BaseProject } from "./project.ts";
import type { RawManifest } from "./raw-manifest.ts";

/** What there is after an increment, and what it took. */
export type Increment = Pick<RawManifest, "parts" | "columns" | "read_types" | "watermark"> &
  Readonly<{ rowsRead: number; rowsRejected: number; bytesRead: number }>;

/** An increment whose parts are on disk; it counts when its manifest is published. */
export type Grown = Readonly<{ manifest: RawManifest; taken: RowsTaken }>;

/**
 * Reads what is new of a source and stores it as parts beside those that are there. Rows are held to
 * the contract part by part here, and all together when the dataset is measured.
 */
export async function growDataset(
  project: BaseProject,
  engine: Engine,
  planned: GrowingDataset,
  recorded: DatasetRecord | undefined,
  effects: Effects,
): Promise<Grown> {
  const { params, manifest: before } = planned.growth;
  const files = await digestSources(planned);
  const grow = params.watermark === undefined ? growByFile : growByRow;
  const { rowsRead, rowsRejected, bytesRead, ...state } = await grow(
    project,
    engine,
    planned,
    files,
    effects,
  );
  const manifest: RawManifest = {
    schema_version: 1,
    dataset: planned.name,
    mode: params.mode,
    key: planned.params.key === undefined ? null : [...planned.params.key],
    ...state,
  };
  const known = new Set(before?.parts.map(({ file }) => file));
  const isSame =
    before !== null &&
    canonicalJson(state.parts) === canonicalJson(before.parts) &&
    recorded?.contract?.sha256 === planned.contract?.sha256;
  const marked = isSame ? manifest : await markRows(project, engine, planned, manifest, effects);
  const fresh = marked.parts.filter(({ file }) => !known.has(file));
  const stored = fresh.reduce((sum, { row_count }) => sum + row_count, 0);
  const dropped = fresh.reduce((sum, part) => sum + (part.dropped?.row_count ?? 0), 0);
  return {
    manifest: marked,
    taken: {
      rowsRead,
      rowsAdded: stored - dropped,
      rowsRejected: rowsRejected + dropped,
      bytesRead,
      watermark: state.watermark?.value ?? null,
    },
  };
}

/** Says which rows of each part do not count, from all parts: none of the marks before stays. */
async function markRows(
  project: BaseProject,
  engine: Engine,
  planned: GrowingDataset,
  manifest: RawManifest,
  effects: Effects,
): Promise<RawManifest> {
  const parts = manifest.parts.map(({ dropped: _, ...part }) => ({ ...part, replaced: null }));
  const bare: RawManifest = { ...manifest, parts };
  const { folder } = planned.growth;
  const current =
    manifest.mode === "upsert" ? await markReplaced(engine, folder, bare, effects) : bare;
  return markDropped(project, engine, planned, current, effects);
}
