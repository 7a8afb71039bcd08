import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { canonicalJson } from "../core/canonical-json.ts";
import type { Effects } from "../core/effects.ts";
import { DuetMindError, fromWriteError } from "../core/errors.ts";
import { publishContent, removeLeftovers } from "../core/files.ts";
import { digestFile } from "../core/hash.ts";
import { throwIfInterrupted } from "../core/interrupted.ts";
import { VERSION } from "../core/version.ts";
import { type Engine, openEngine } from "../table/engine.ts";
import { digestSources, ingestDataset } from "./data-ingest.ts";
import { type PlannedDataset, planData, toInputDigest } from "./data-plan.ts";
import { type DataRecord, type DatasetRecord, dataRecord } from "./data-record.ts";
import type { Project } from "./project.ts";

export type DataResult = Readonly<{
  record: DataRecord;
  /** Relative to the project. */
  recordPath: string;
  /** Names of the datasets that were read now; the others had nothing new. */
  ingested: readonly string[];
}>;

/**
 * The stage `data`: every source of params.yaml becomes data/raw/<name>.parquet, if its contract
 * holds; data.record.json, written last, says what was made of what. A file appears only when all of
 * its dataset is good, so a failure or a kill leaves the old ones, and the next run does the rest.
 */
export async function runData(project: Project, effects: Effects): Promise<DataResult> {
  const recordPath = `${project.params.data.raw}/data.record.json`;
  const absoluteRecord = join(project.root, recordPath);
  if (Object.keys(project.params.sources).length === 0) {
    throw new DuetMindError("CONFIG_INVALID", "params.yaml: sources: expected a source, got none", {
      file: "params.yaml",
      path: "sources",
    });
  }
  const engine = await openEngine();
  try {
    const planned = await planData(project, engine, effects);
    const before = await readPreviousRecord(absoluteRecord, effects);
    makeFolder(join(project.root, project.params.data.raw));
    for (const { output } of planned) removeLeftovers(join(project.root, output));
    const known = new Map<string, DatasetRecord>();
    for (const dataset of planned) {
      const current = await findCurrent(project, dataset, before);
      if (current !== undefined) known.set(dataset.name, current);
    }
    const ingested = planned.filter(({ name }) => !known.has(name));
    for (const [name, made] of await ingestAll(project, engine, ingested, effects)) {
      known.set(name, made);
    }
    const record: DataRecord = {
      schema_version: 1,
      stage: "data",
      duetmind: VERSION,
      datasets: planned.map(({ name }) => known.get(name)!),
    };
    const text = `${canonicalJson(record)}\n`;
    if (before?.text !== text) await publishContent(effects.files, absoluteRecord, text);
    return { record, recordPath, ingested: ingested.map(({ name }) => name) };
  } finally {
    engine.close();
  }
}

/** Each dataset is published inside the next one's turn, so that all contracts hold before any file shows. */
async function ingestAll(
  project: Project,
  engine: Engine,
  [dataset, ...rest]: readonly PlannedDataset[],
  effects: Effects,
): Promise<[string, DatasetRecord][]> {
  if (dataset === undefined) return [];
  return effects.files.publish(join(project.root, dataset.output), async (path) => {
    throwIfInterrupted(effects.signal);
    const task = effects.progress.start(`data: ${dataset.name}`, undefined);
    const made = await ingestDataset(project, engine, dataset, path, effects);
    task.done(`${made.row_count} rows × ${made.column_count} columns → ${made.path}`);
    return [[dataset.name, made], ...(await ingestAll(project, engine, rest, effects))];
  });
}

/** Before anything is read: a folder that cannot be made should not cost an ingest first. */
function makeFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true });
  } catch (error) {
    throw fromWriteError(error, path);
  }
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

/** The recorded dataset, if what decides it and the file it made are still the same bytes. */
async function findCurrent(
  project: Project,
  planned: PlannedDataset,
  before: PreviousRecord | undefined,
): Promise<DatasetRecord | undefined> {
  const recorded = before?.record.datasets.find(({ name }) => name === planned.name);
  const output = join(project.root, planned.output);
  if (recorded === undefined || recorded.path !== planned.output || !existsSync(output)) {
    return undefined;
  }
  const sources = await digestSources(planned);
  if (toInputDigest(planned, sources) !== recorded.input_digest) return undefined;
  return digestFile(output).digest === recorded.sha256 ? recorded : undefined;
}
