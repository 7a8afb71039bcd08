import { existsSync } from "node:fs";
import { join } from "node:path";
import { canonicalJson } from "../core/canonical-json.ts";
import type { Effects } from "../core/effects.ts";
import { DuetMindError } from "../core/errors.ts";
import { publishContent, removeLeftovers } from "../core/files.ts";
import { throwIfInterrupted } from "../core/interrupted.ts";
import { makeFolder } from "../core/make-folder.ts";
import { VERSION } from "../core/version.ts";
import type { IngestRunRow } from "../registry/ingest-run-queries.ts";
import { openEngine } from "../table/engine.ts";
import { type Ingest, type Made, planIngest } from "./data-ingest.ts";
import { type PlanOptions, planDataset } from "./data-plan.ts";
import { type DataRecord, dataRecord } from "./data-record.ts";
import { toIngestRun } from "./ingest-run.ts";
import type { Project } from "./project.ts";
import { checkGateColumns, passQualityGate, type QualityParams } from "./quality-gate.ts";

/** A scan needs less; duplicates and upserts of more rows spill to disk, at little cost. */
const MEMORY_LIMIT_MB = 512;

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
  project: Project,
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
  const engine = await openEngine({ memoryLimitMb: MEMORY_LIMIT_MB });
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
    const made = await publishAll(ingests, project.params.quality, effects);
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

/** Each dataset is published inside the next one's turn, so that all contracts hold before any file shows. */
async function publishAll(
  [ingest, ...rest]: readonly Ingest[],
  quality: QualityParams,
  effects: Effects,
): Promise<readonly Made[]> {
  if (ingest === undefined) return [];
  const pass = ({ record, taken }: Made): Made => ({
    record: passQualityGate(quality, record, effects.progress),
    taken,
  });
  if (ingest.current !== null) {
    return [pass(ingest.current), ...(await publishAll(rest, quality, effects))];
  }
  return effects.files.publish(ingest.output, async (path) => {
    throwIfInterrupted(effects.signal);
    const task = effects.progress.start(`data: ${ingest.name}`, undefined);
    const made = pass(await ingest.make(path));
    const { row_count, column_count, path: file } = made.record;
    task.done(`${row_count} rows × ${column_count} columns → ${file}`);
    return [made, ...(await publishAll(rest, quality, effects))];
  });
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
