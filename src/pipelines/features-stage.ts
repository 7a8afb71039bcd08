import { join as joinPath } from "node:path";
import { canonicalJson } from "../core/canonical-json.ts";
import type { Effects } from "../core/effects.ts";
import { DuetMindError } from "../core/errors.ts";
import { publishContent, removeLeftovers } from "../core/files.ts";
import { digestBytes } from "../core/hash.ts";
import { throwIfInterrupted } from "../core/interrupted.ts";
import { settleAll } from "../core/settle-all.ts";
import { VERSION } from "../core/version.ts";
import { checkExpressions } from "../features/check-expressions.ts";
import { columnClass, findColumn } from "../features/column-class.ts";
import { derivedFrom } from "../features/derive-columns.ts";
import { featureHash, fitHash, toDefinition } from "../features/feature-hash.ts";
import type { FeaturePlan } from "../features/feature-plan.ts";
import { toFeatureSql } from "../features/feature-sql.ts";
import type { FeatureView } from "../features/feature-view.ts";
import { fitFeatures } from "../features/fit-features.ts";
import { fitTarget } from "../features/fit-target.ts";
import { toInputSql } from "../features/input-sql.ts";
import { planFeatures } from "../features/plan-features.ts";
import { SPLIT_COLUMN } from "../features/split-sql.ts";
import { SUBJECT_CODE } from "../features/subject-code-sql.ts";
import { type Engine, type EngineOptions, openEngine } from "../table/engine.ts";
import {
  inLittleMemory,
  joiningMemoryMb,
  littleMemoryMb,
  MOST_MEMORY_MB,
  spillingMemoryMb,
} from "../table/little-memory.ts";
import { type Relation, ROW_NUMBER } from "../table/relation.ts";
import { schemaHash } from "../table/schema-hash.ts";
import { id, join, sql } from "../table/sql.ts";
import { holdOutput, readSensitivity } from "./features-contracts.ts";
import { type OutputTable, publishTables, ROW_ID, type WrittenTable } from "./features-output.ts";
import { featuresOfParts, type PartCounts, type PartedFeatures } from "./features-parts.ts";
import type { FeaturesRecord } from "./features-record.ts";
import {
  dealRows,
  type FeatureRows,
  joinRawDatasets,
  openRawDatasets,
  type RawDatasets,
} from "./features-rows.ts";
import type { Project } from "./project.ts";

export type FeaturesResult = Readonly<{
  record: FeaturesRecord;
  view: FeatureView;
  /** Relative to the project. */
  recordPath: string;
  /** Of a base dataset that grows; null where the features were computed in one go. */
  parts: PartCounts | null;
}>;

/**
 * The stage `features`: data/raw becomes features, labels and split in data/processed, with the fitted
 * view beside them. Everything is fitted on the training split alone. The record is written last.
 */
export async function runFeatures(
  project: Project,
  effects: Effects,
  options: Pick<EngineOptions, "threads"> = {},
): Promise<FeaturesResult> {
  const engine = await openEngine({ ...options, memoryLimitMb: MOST_MEMORY_MB });
  const task = effects.progress.start("features");
  try {
    const raw = await openRawDatasets(engine, project, effects);
    const sensitivity = await readSensitivity(project, effects);
    const relation = await joinRawDatasets(engine, project, raw, sensitivity.show);
    const key = project.params.sources[raw.base.name]?.key ?? [];
    const sensitive = sensitiveColumns(project, raw, sensitivity.isSensitive);
    const plan = await planColumns(engine, project, relation, key, sensitive);
    await checkExpressions(engine, plan.inputs, relation.sql);
    throwIfInterrupted(effects.signal);
    const slices = project.params.model.slices.map(
      (name) => findColumn(relation.columns, name, "model.slices").name,
    );
    refuseSensitive(slices, sensitive);
    // row, subject, split, code and the slices
    const dealing = joiningMemoryMb(engine.threads, 4 + slices.length);
    const rows = await inLittleMemory(engine, dealing, () =>
      dealRows(engine, project, relation, key, plan.target, slices),
    );
    const sorting = spillingMemoryMb(engine.threads, 1 + plan.inputs.length);
    const result = await inLittleMemory(engine, sorting, async () => {
      // tables that need no fitted value are written while the main thread fits
      const fitting = fitView(engine, plan, rows, sensitive);
      const width = Math.max(relation.columns.length, plan.inputs.length);
      const making = { raw, rows, plan, fitting, width };
      const [, made] = await settleAll([fitting, publish(engine, project, making, effects)]);
      return made;
    });
    task.done(`${result.record.rows.total} rows → ${result.view.outputs.length} columns`);
    return result;
  } finally {
    engine.close();
  }
}

/** Metrics name the values of their slices, so a column whose values are masked cannot be one. */
function refuseSensitive(slices: readonly string[], sensitive: ReadonlySet<string>): void {
  const hidden = slices.find((name) => sensitive.has(name));
  if (hidden === undefined) return;
  throw new DuetMindError(
    "CONFIG_INVALID",
    `params.yaml: model.slices: expected columns that may be shown, got "${hidden}", which its contract marks as sensitive`,
    { file: "params.yaml", path: "model.slices" },
  );
}

/** Names in the joined relation whose values must not be shown. */
function sensitiveColumns(
  project: Project,
  raw: RawDatasets,
  isSensitive: (source: string, column: string) => boolean,
): ReadonlySet<string> {
  const base = raw.base.relation.columns
    .map(({ name }) => name)
    .filter((name) => isSensitive(raw.base.name, name));
  const joined = project.params.features.joins.flatMap(({ source, prefix }) =>
    raw.relations
      .get(source)!
      .columns.filter(({ name }) => isSensitive(source, name))
      .map(({ name }) => `${prefix}${name}`),
  );
  const hidden = new Set([...base, ...joined]);
  for (const name of Object.keys(project.params.features.derive ?? {})) {
    const from = derivedFrom(project.params.features, name);
    if (from.some((column) => hidden.has(column))) hidden.add(name);
  }
  return hidden;
}

/** Plans; a column of the wrong type is looked into, so that the message can show values. */
async function planColumns(
  engine: Engine,
  project: Project,
  relation: Relation,
  key: readonly string[],
  sensitive: ReadonlySet<string>,
): Promise<FeaturePlan> {
  const { features: spec, split } = project.params;
  const options = {
    reserved: [...key, ...(split.column === undefined ? [] : [split.column])],
    answers: derivedFrom(spec, spec.target),
  };
  try {
    return planFeatures(spec, relation.columns, options);
  } catch (error) {
    if (!(error instanceof DuetMindError) || error.code !== "COLUMN_TYPE") throw error;
    const columns = await Promise.all(
      relation.columns.map(async (column) => {
        const hidden = sensitive.has(column.name) || columnClass(column) !== "text";
        return hidden
          ? column
          : { ...column, examples: await oddTexts(engine, relation, column.name) };
      }),
    );
    return planFeatures(spec, columns, options);
  }
}

async function oddTexts(engine: Engine, relation: Relation, name: string): Promise<string[]> {
  const text = sql`${id(name)}::VARCHAR`;
  const rows = await engine.rows(
    sql`SELECT ${text} AS v, min(${id(ROW_NUMBER)}) AS first FROM ${relation.numbered}
        WHERE nullif(${text}, '') IS NOT NULL AND try_cast(${text} AS DOUBLE) IS NULL GROUP BY 1 ORDER BY 2 LIMIT 3`,
  );
  return rows.map((row) => String(row["v"]));
}

type FittedView = Readonly<{ view: FeatureView; dropped: FeaturesRecord["dropped"] }>;

async function fitView(
  engine: Engine,
  plan: FeaturePlan,
  rows: FeatureRows,
  sensitive: ReadonlySet<string>,
): Promise<FittedView> {
  const { training } = rows;
  const target = await fitTarget(engine, plan.target, training);
  const { inputs, outputs, dropped } = await fitFeatures(engine, plan, training, { sensitive });
  const definition = toDefinition(plan);
  const used = new Set(
    inputs.flatMap(({ source }) => ("columns" in source ? source.columns : [source.column])),
  );
  return {
    view: {
      schema_version: 1,
      name: plan.view,
      columns: plan.columns.filter(({ name }) => used.has(name)),
      inputs,
      outputs,
      subject: plan.subject,
      target,
      definition,
      feature_hash: featureHash(definition),
      fit_hash: fitHash({ inputs, outputs, target }),
    },
    dropped: [...plan.dropped, ...dropped],
  };
}

type Made = Readonly<{ raw: RawDatasets; rows: FeatureRows; plan: FeaturePlan }>;
type Making = Made & Readonly<{ fitting: Promise<FittedView>; width: number }>;

async function publish(
  engine: Engine,
  project: Project,
  making: Making,
  effects: Effects,
): Promise<FeaturesResult> {
  const { root, params } = project;
  const folder = params.data.processed;
  const viewPath = `${folder}/feature-view.json`;
  const parted = fitParts(engine, project, making, effects);
  const tables = outputTables(engine, project, making, parted);
  for (const { name } of tables) removeLeftovers(joinPath(root, `${folder}/${name}.parquet`));
  const made = await publishTables(engine, root, folder, tables, effects, async (written) => {
    const fitted = await making.fitting;
    const [testInputs, labels, split, features] = written as Four<WrittenTable>;
    const contracts = [
      ...(await holdOutput(project, engine, "features", features.relation, effects)),
      ...(await holdOutput(project, engine, "labels", labels.relation, effects)),
      ...(await holdOutput(project, engine, "split", split.relation, effects)),
    ];
    const viewText = `${canonicalJson(fitted.view)}\n`;
    await publishContent(effects.files, joinPath(root, viewPath), viewText);
    const viewFile = {
      path: viewPath,
      sha256: digestBytes(viewText),
      size_bytes: Buffer.byteLength(viewText),
    };
    const ordered = [features, labels, split, testInputs];
    const record = toRecord(project, { ...making, ...fitted }, ordered, contracts, viewFile);
    return { record, view: fitted.view };
  });
  const recordPath = `${folder}/features.record.json`;
  const recordText = `${canonicalJson(made.record)}\n`;
  await publishContent(effects.files, joinPath(root, recordPath), recordText);
  const parts = await parted;
  parts?.clear();
  return { ...made, recordPath, parts: parts?.counts ?? null };
}

/** Features part by part, where the base dataset has parts and nothing is joined to it. */
async function fitParts(
  engine: Engine,
  project: Project,
  { raw, fitting }: Making,
  effects: Effects,
): Promise<PartedFeatures | null> {
  const { features: spec } = project.params;
  if (raw.base.parted === null || spec.joins.length > 0) return null;
  const { view } = await fitting;
  return featuresOfParts(engine, project.root, raw.base.parted, spec, view, effects);
}

type Four<T> = readonly [T, T, T, T];

/**
 * Features and labels come straight from the file where they can, which needs no sorting. Features are
 * last: the others are written while the view is still being fitted, the one that is sorted first, when
 * no digest is made beside it.
 */
function outputTables(
  engine: Engine,
  project: Project,
  { raw, fitting, plan, rows, width }: Making,
  parted: Promise<PartedFeatures | null>,
): Four<OutputTable> {
  const row = sql`${id(ROW_NUMBER)} AS ${id(ROW_ID)}`;
  const { rows: source, isScan, dealt, isDealtInOrder, test } = rows;
  const split = sql`${id(SPLIT_COLUMN)}::VARCHAR AS split`;
  const code = plan.subject === null ? [] : [id(SUBJECT_CODE)];
  const slices = project.params.model.slices.map(id);
  const inputs = plan.inputs.map((input) => sql`${toInputSql(input)} AS ${id(input.name)}`);
  const isJoined = project.params.features.joins.length > 0;
  const hasParts = raw.base.parted !== null && !isJoined;
  const toFeatures = async () => {
    const { view } = await fitting;
    await engine.limitMemory(littleMemoryMb(engine.threads, width + view.outputs.length));
    const features = (await parted)?.sql ?? toFeatureSql(view, source, [ROW_NUMBER]);
    return sql`SELECT ${row}, * EXCLUDE (${id(ROW_NUMBER)}) FROM (${features})`;
  };
  return [
    {
      name: "test-inputs",
      toQuery: async () => sql`SELECT ${join([row, ...inputs])} FROM ${test}`,
      rows: isJoined ? "in any order" : "some of a scan",
    },
    {
      name: "labels",
      toQuery: async () => sql`SELECT ${join([row, id(plan.target.column)])} FROM ${source}`,
      rows: isScan ? "scan" : "in any order",
    },
    {
      name: "split",
      toQuery: async () => sql`SELECT ${join([row, split, ...code, ...slices])} FROM ${dealt}`,
      rows: isDealtInOrder ? "scan" : "in any order",
    },
    { name: "features", toQuery: toFeatures, rows: isScan || hasParts ? "scan" : "in any order" },
  ];
}

function toRecord(
  project: Project,
  { view, dropped, raw, rows }: Made & FittedView,
  written: readonly WrittenTable[],
  contracts: FeaturesRecord["contracts"],
  viewFile: FeaturesRecord["feature_view"],
): FeaturesRecord {
  const { features, split } = project.params;
  return {
    schema_version: 1,
    stage: "features",
    duetmind: VERSION,
    view: {
      name: view.name,
      feature_hash: view.feature_hash,
      fit_hash: view.fit_hash,
      schema_hash: schemaHash(written[0]!.relation.columns),
      feature_list: view.outputs.map((output) => output.name),
      definition: view.definition,
    },
    inputs: raw.inputs,
    params: { features, split },
    target: {
      ...view.target,
      classes: view.target.classes === null ? null : [...view.target.classes],
    },
    rows: rows.counts,
    subjects: rows.subjects,
    dropped,
    contracts,
    outputs: written.map(({ output }) => output),
    feature_view: viewFile,
  };
}
