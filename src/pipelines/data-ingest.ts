import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Effects } from "../core/effects.ts";
import { digestFile } from "../core/hash.ts";
import { digestBeside } from "../table/digest-beside.ts";
import type { Engine } from "../table/engine.ts";
import type { OpenReference } from "../validation/plan-foreign-key.ts";
import { referencedDatasets } from "../validation/table-checks.ts";
import { contractOf } from "./data-contract.ts";
import { clearParts, describeGrown, findGrown, manifestText } from "./data-describe.ts";
import { growDataset } from "./data-grow.ts";
import { measureDataset } from "./data-measure.ts";
import {
  type GrowingDataset,
  type PlannedDataset,
  recordOrigin,
  type SourceDigest,
  toInputDigest,
} from "./data-plan.ts";
import { clearDropped, clearQuarantine, recordQuarantine } from "./data-quarantine.ts";
import { digestSources, readRows } from "./data-read.ts";
import type { DatasetRecord } from "./data-record.ts";
import { checkVersion } from "./increment-shape.ts";
import { NOTHING_TAKEN, type RowsTaken } from "./ingest-run.ts";
import type { BaseProject } from "./project.ts";

export type Made = Readonly<{ record: DatasetRecord; taken: RowsTaken }>;

/** A dataset whose source has been looked at: as it was recorded, or ready to be made. */
export type Ingest = Readonly<{
  name: string;
  /** What messages call the source. */
  source: string;
  /** Absolute path of the file that appears last. */
  output: string;
  /** What is there already, when the source has nothing new. */
  current: Made | null;
  /** Datasets that its foreign keys look into: they are made first. */
  references: readonly string[];
  /** Makes the dataset, its last file at `path`. */
  make(path: string, openReference: OpenReference): Promise<Made>;
  /** Removes what the dataset no longer needs, once it is recorded. */
  clear(): void;
}>;

/** Looks whether a source has anything new against what was recorded of it. */
export function planIngest(
  project: BaseProject,
  engine: Engine,
  planned: PlannedDataset,
  recorded: DatasetRecord | undefined,
  effects: Effects,
): Promise<Ingest> {
  const { growth } = planned;
  return growth === null
    ? planSnapshot(project, engine, planned, recorded, effects)
    : planGrown(project, engine, { ...planned, growth }, recorded, effects);
}

/** A source that is read whole each time. */
async function planSnapshot(
  project: BaseProject,
  engine: Engine,
  planned: PlannedDataset,
  recorded: DatasetRecord | undefined,
  effects: Effects,
): Promise<Ingest> {
  const output = join(project.root, planned.output);
  const current = await findSnapshot(planned, output, recorded);
  let made: Made | null = null;
  return {
    name: planned.name,
    source: planned.subject,
    output,
    current: current === undefined ? null : { record: current, taken: NOTHING_TAKEN },
    references: await referencesOf(planned, effects),
    make: async (path, openReference) => {
      made = await ingestSnapshot(project, engine, planned, recorded, path, openReference, effects);
      return made;
    },
    clear: () => {
      if (made !== null) clearQuarantine(project, planned.name, made.record.quarantine ?? []);
    },
  };
}

/** The recorded dataset, if what decides it and the file it made are still the same bytes. */
async function findSnapshot(
  planned: PlannedDataset,
  output: string,
  recorded: DatasetRecord | undefined,
): Promise<DatasetRecord | undefined> {
  if (recorded === undefined || recorded.path !== planned.output || !existsSync(output)) {
    return undefined;
  }
  const sources = await digestSources(planned);
  if (toInputDigest(planned, sources) !== recorded.input_digest) return undefined;
  return digestFile(output).digest === recorded.sha256 ? recorded : undefined;
}

/**
 * Reads one source into a raw Parquet file at `path`, holds it to its contract and takes its measure.
 * The two cores of a small machine are kept busy: the source is hashed while DuckDB reads it, and the
 * new file while its values stream by.
 */
async function ingestSnapshot(
  project: BaseProject,
  engine: Engine,
  planned: PlannedDataset,
  recorded: DatasetRecord | undefined,
  path: string,
  openReference: OpenReference,
  effects: Effects,
): Promise<Made> {
  const [sources, { relation, contract, rowsRead, quarantine, policy, isPolicyWritten }] =
    await Promise.all([
      digestSources(planned),
      readRows(project, engine, planned, path, effects, { openReference }),
    ]);
  if (isPolicyWritten && recorded !== undefined) {
    checkVersion(planned, recorded.statistics, relation.columns, policy);
  }
  const [file, measured] = await Promise.all([
    digestBeside(path),
    measureDataset(engine, planned, relation, contract),
  ]);
  const rowsAdded = relation.rowCount;
  return {
    record: {
      name: planned.name,
      path: planned.output,
      format: "parquet",
      sha256: file.digest,
      size_bytes: file.sizeBytes,
      ...recordQuarantine(project, planned.name, quarantine === null ? [] : [quarantine]),
      ...measured,
      ...recordOrigin(planned, sources),
    },
    taken: {
      rowsRead,
      rowsAdded,
      rowsRejected: rowsRead - rowsAdded,
      bytesRead: totalBytes(sources),
      watermark: null,
    },
  };
}

/** A source of which only what is new is read; the parts are there before the manifest names them. */
async function planGrown(
  project: BaseProject,
  engine: Engine,
  planned: GrowingDataset,
  recorded: DatasetRecord | undefined,
  effects: Effects,
): Promise<Ingest> {
  const { manifest, taken } = await growDataset(project, engine, planned, recorded, effects);
  const current = findGrown(planned, manifest, recorded);
  return {
    name: planned.name,
    source: planned.subject,
    output: join(project.root, planned.output),
    current: current === undefined ? null : { record: current, taken },
    references: await referencesOf(planned, effects),
    async make(path, openReference) {
      await writeFile(path, manifestText(manifest));
      const record = await describeGrown(
        project,
        engine,
        planned,
        manifest,
        openReference,
        effects,
      );
      return { record, taken };
    },
    clear: () => {
      clearParts(planned.growth.folder, manifest);
      clearDropped(project, planned.name, planned.growth.manifest, manifest);
    },
  };
}

async function referencesOf(planned: PlannedDataset, effects: Effects): Promise<readonly string[]> {
  const contract = await contractOf(planned, effects);
  return referencedDatasets(contract?.tableChecks ?? null);
}

export function totalBytes(sources: readonly SourceDigest[]): number {
  return sources.reduce((sum, { size_bytes }) => sum + size_bytes, 0);
}
