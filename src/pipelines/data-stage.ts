import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { canonicalJson } from "../core/canonical-json.ts";
import type { Effects } from "../core/effects.ts";
import { DuetMindError } from "../core/errors.ts";
import { publishContent, removeLeftovers } from "../core/files.ts";
import { throwIfInterrupted } from "../core/interrupted.ts";
import { makeFolder } from "../core/make-folder.ts";
import { VERSION } from "../core/version.ts";
import type { IngestRunRow } from "../registry/ingest-run-queries.ts";
import { type Engine, openEngine } from "../table/engine.ts";
import { MOST_MEMORY_MB } from "../table/little-memory.ts";
import type { OpenReference } from "../validation/plan-foreign-key.ts";
import { type Ingest, type Made, planIngest } from "./data-ingest.ts";
import { type PlanOptions, planDataset } from "./data-plan.ts";
import { type DataRecord, dataRecord } from "./data-record.ts";
import { toIngestRun } from "./ingest-run.ts";
import { checkDataset, referenceOpener } from "./open-reference.ts";
import type { BaseProject } from "./project.ts";
import { checkGateColumns, passQualityGate } from "./quality-gate.ts";
import { openRawFile } from "./raw-relation.ts";
import { inReferenceOrder } from "./reference-order.ts";

export type DataResult = Readonly<{
  record: DataRecord;
  /** Relative to the project. */
  recordPath: string;
  /** Names of the datasets that were read now; the others had nothing new. */
  ingested: readonly string[];
  /** What each source gave, in the order of params.yaml. */
  runs: readonly IngestRunRow[];
}>;

/**
 * The stage `data`: every source of params.yaml becomes data/raw/<name>.parquet, or parts beside a
 * manifest where it grows, if its contract and the quality gate hold; data.record.json, written last, says what was made of
 * what. A file appears only when all of its dataset is good, so a failure or a kill leaves the old ones,
 * and the next run does the rest.
 */
export async function runData(
  project: BaseProject,
  effects: Effects,
  options: PlanOptions = {},
): Promise<DataResult> {
  const recordPath = `${project.params.data.raw}/data.record.json`;
  const absoluteRecord = join(project.root, recordPath);
  if (Object.keys(project.params.sources).length === 0) {
    throw new DuetMindError("CONFIG_INVALID", "params.yaml: sources: expected a source, got none", {
      file: "params.yaml",
      path: "sources",
    });
  }
  const engine = await openEngine({ memoryLimitMb: MOST_MEMORY_MB });
  try {
    const before = await readPreviousRecord(absoluteRecord, effects);
    // before anything is read: a folder that cannot be made should not cost an ingest first
    makeFolder(join(project.root, project.params.data.raw));
    const ingests: Ingest[] = [];
    const starts: Date[] = [];
    for (const name of Object.keys(project.params.sources)) {
      throwIfInterrupted(effects.signal);
      starts.push(effects.clock.now());
      const planned = await planDataset(project, engine, name, effects, options);
      removeLeftovers(join(project.root, planned.output));
      // what is read from the beginning is held against nothing
      const recorded = options.fullRefresh
        ? undefined
        : before?.record.datasets.find((dataset) => dataset.name === name);
      ingests.push(await planIngest(project, engine, planned, recorded, effects));
    }
    const ordered = inReferenceOrder(ingests);
    for (const name of ingests.flatMap(({ references }) => references)) checkDataset(project, name);
    const publishing = { project, engine, effects };
    const published = await publishAll(publishing, ordered, new Map());
    const made = ingests.map(({ name }) => published.get(name)!);
    checkGateColumns(
      project.params.quality,
      made.map(({ record: dataset }) => dataset),
    );
    const record: DataRecord = {
      schema_version: 1,
      stage: "data",
      duetmind: VERSION,
      datasets: made.map(({ record: dataset }) => dataset),
    };
    const text = `${canonicalJson(record)}\n`;
    if (before?.text !== text) await publishContent(effects.files, absoluteRecord, text);
    for (const { clear } of ingests) clear();
    return {
      record,
      recordPath,
      ingested: ingests.flatMap(({ current, name }) => (current === null ? [name] : [])),
      runs: made.map(({ record: dataset, taken }, i) =>
        toIngestRun(dataset, ingests[i]!.source, taken, starts[i]!, effects),
      ),
    };
  } finally {
    engine.close();
  }
}

type Publishing = Readonly<{ project: BaseProject; engine: Engine; effects: Effects }>;

/** What has been made so far of a run: by the names of datasets, in the order of their making. */
type MadeDatasets = ReadonlyMap<string, Made & Readonly<{ file: string | null }>>;

/** Each dataset is published inside the next one's turn, so that all contracts hold before any file shows. */
async function publishAll(
  publishing: Publishing,
  [ingest, ...rest]: readonly Ingest[],
  before: MadeDatasets,
): Promise<MadeDatasets> {
  if (ingest === undefined) return before;
  const { project, effects } = publishing;
  const { name, current } = ingest;
  const next = (made: Made, file: string | null) => {
    const record = passQualityGate(project.params.quality, made.record, effects.progress);
    const { taken } = made;
    return { all: new Map([...before, [name, { record, taken, file }]]), record };
  };
  // what it refers to may have changed under a dataset that has nothing new
  const isHeld = ingest.references.every((other) => (before.get(other)?.file ?? null) === null);
  if (current !== null && isHeld) return publishAll(publishing, rest, next(current, null).all);
  return effects.files.publish(ingest.output, async (path) => {
    throwIfInterrupted(effects.signal);
    const task = effects.progress.start(`data: ${name}`, undefined);
    const made = await ingest.make(path, openerOf(publishing, before));
    const { all, record } = next(made, path);
    task.done(`${record.row_count} rows × ${record.column_count} columns → ${record.path}`);
    return publishAll(publishing, rest, all);
  });
}

/** A dataset that this run has made is not in its place yet. */
function openerOf({ project, effects }: Publishing, made: MadeDatasets): OpenReference {
  const openPublished = referenceOpener(project, effects);
  return async (engine, reference) => {
    const dataset = "dataset" in reference ? made.get(reference.dataset) : undefined;
    if (dataset === undefined || dataset.file === null) return openPublished(engine, reference);
    const { path } = dataset.record;
    const folder = dirname(join(project.root, path));
    return (await openRawFile(engine, dataset.file, path, folder, effects)).relation;
  };
}

type PreviousRecord = Readonly<{ text: string; record: DataRecord }>;

/** A record that cannot be read (another version, a broken file) counts as none. */
async function readPreviousRecord(
  path: string,
  effects: Effects,
): Promise<PreviousRecord | undefined> {
  if (!existsSync(path)) return undefined;
  const text = new TextDecoder().decode(await effects.files.readBytes(path));
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return undefined;
  }
  const parsed = dataRecord.safeParse(json);
  return parsed.success ? { text, record: parsed.data } : undefined;
}
