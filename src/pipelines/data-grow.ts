import type { Effects } from "../core/effects.ts";
import type { Engine } from "../table/engine.ts";
import type { GrowingDataset } from "./data-plan.ts";
import { digestSources } from "./data-read.ts";
import { growByFile } from "./increment-by-file.ts";
import { growByRow } from "./increment-by-row.ts";
import { markReplaced } from "./increment-upsert.ts";
import type { RowsTaken } from "./ingest-run.ts";
import type { Project } from "./project.ts";
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
  project: Project,
  engine: Engine,
  planned: GrowingDataset,
  effects: Effects,
): Promise<Grown> {
  const { folder, params, manifest: before } = planned.growth;
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
  const fresh = state.parts.filter(({ file }) => !known.has(file));
  return {
    manifest:
      params.mode === "upsert" ? await markReplaced(engine, folder, manifest, effects) : manifest,
    taken: {
      rowsRead,
      rowsAdded: fresh.reduce((sum, { row_count }) => sum + row_count, 0),
      rowsRejected,
      bytesRead,
      watermark: state.watermark?.value ?? null,
    },
  };
}
