import { join as joinPath } from "node:path";
import type { Effects } from "../core/effects.ts";
import { DuetMindError } from "../core/errors.ts";
import { digestFile } from "../core/hash.ts";
import { nearestName } from "../core/nearest.ts";
import { findColumn } from "../features/column-class.ts";
import { deriveColumns } from "../features/derive-columns.ts";
import { hasTarget } from "../features/fit-target.ts";
import { toTextSql } from "../features/input-sql.ts";
import { joinSources, type ShowValue } from "../features/join-sources.ts";
import { createSplitBits, rowsOfSplit } from "../features/split-bits-sql.ts";
import { checkValues } from "../features/split-by-values.ts";
import { SPLITS, type SplitName, type SplitParams } from "../features/split-params.ts";
import {
  type Deciders,
  ranksSubjects,
  SPLIT_COLUMN,
  splitOfRow,
  splitOfSubjects,
  subjectText,
} from "../features/split-sql.ts";
import { inOrderOfCodes, SUBJECT_CODE, withCodes } from "../features/subject-code-sql.ts";
import type { Engine } from "../table/engine.ts";
import { writeParquet } from "../table/parquet-write.ts";
import { type Relation, ROW_NUMBER } from "../table/relation.ts";
import { id, join, lit, type Sql, sql } from "../table/sql.ts";
import type { FeaturesRecord } from "./features-record.ts";
import type { Project } from "./project.ts";
import { openRaw, type PartedRaw, rawPath } from "./raw-relation.ts";

export type RawDatasets = Readonly<{
  base: Readonly<{ name: string; relation: Relation; parted: PartedRaw | null }>;
  relations: ReadonlyMap<string, Relation>;
  inputs: FeaturesRecord["inputs"];
}>;

/** Opens the raw datasets that the spec names, the base first. */
export async function openRawDatasets(
  engine: Engine,
  project: Project,
  effects: Effects,
): Promise<RawDatasets> {
  const { features: spec, sources } = project.params;
  const known = Object.keys(sources);
  const baseName = spec.source ?? (known.length === 1 ? known[0]! : undefined);
  if (baseName === undefined) {
    throw new DuetMindError(
      "CONFIG_INVALID",
      `params.yaml: features.source: expected one of the sources (${known.join(", ")}), got nothing`,
      { file: "params.yaml", path: "features.source" },
    );
  }
  const names = [baseName, ...spec.joins.map((join) => join.source)];
  const relations = new Map<string, Relation>();
  let base: RawDatasets["base"] | undefined;
  const inputs: FeaturesRecord["inputs"] = [];
  for (const name of names) {
    if (relations.has(name)) continue;
    checkKnown(name, known);
    const { relation, parted } = await openRaw(engine, project, name, effects);
    relations.set(name, relation);
    base ??= { name, relation, parted };
    const path = rawPath(project.params, name);
    const { digest, sizeBytes } = digestFile(joinPath(project.root, path));
    inputs.push({ name, path, sha256: digest, size_bytes: sizeBytes });
  }
  return { base: base!, relations, inputs };
}

function checkKnown(name: string, known: readonly string[]): void {
  if (known.includes(name)) return;
  const near = nearestName(name, known);
  throw new DuetMindError(
    "CONFIG_INVALID",
    `params.yaml: features: expected a name of the sources, got "${name}"${
      near === undefined ? "" : `; did you mean "${near}"?`
    }`,
    { file: "params.yaml", path: "features.source" },
  );
}

/** The rows that features are made of: joined, with a target, each in its split. */
export type FeatureRows = Readonly<{
  /** For FROM: all raw columns and ROW_NUMBER. */
  rows: Sql;
  /** Whether `rows` is a plain scan of files. */
  isScan: boolean;
  /** The same of one split, in row order. */
  training: Sql;
  test: Sql;
  /** For FROM: ROW_NUMBER, SPLIT_COLUMN, SUBJECT_CODE where a subject is declared, the slices. */
  dealt: Sql;
  /** Whether `dealt` is a plain scan of a file in row order, in row groups of the usual size. */
  isDealtInOrder: boolean;
  counts: FeaturesRecord["rows"];
  subjects: FeaturesRecord["subjects"];
}>;

export async function joinRawDatasets(
  engine: Engine,
  project: Project,
  raw: RawDatasets,
  show: ShowValue,
): Promise<Relation> {
  const { features: spec } = project.params;
  const joined = await joinSources(engine, spec, raw.base, raw.relations, show);
  return deriveColumns(engine, spec, joined);
}

/**
 * Leaves out rows without a target, deals the rest to the splits and counts them. Only what the splits
 * say is kept; values stay in their files, which later steps scan again.
 */
export async function dealRows(
  engine: Engine,
  project: Project,
  relation: Relation,
  key: readonly string[],
  target: Readonly<{ column: string; type: string }>,
  slices: readonly string[],
): Promise<FeatureRows> {
  const { features: spec, split } = project.params;
  const condition = hasTarget(target.column, target.type);
  const [found] = await engine.rows(
    sql`SELECT count(*) FILTER (${condition}) AS n FROM ${relation.sql}`,
  );
  const present = Number(found!["n"]);
  if (present === 0) {
    throw new DuetMindError(
      "TARGET_INVALID",
      `features.target: expected values in "${target.column}", got none in ${relation.rowCount} rows`,
      { path: "features.target" },
    );
  }
  const decider =
    split.column === undefined ? null : findColumn(relation.columns, split.column, "split.column");
  const subjectColumns = (spec.subject === undefined ? key : [spec.subject]).map((name) =>
    findColumn(relation.columns, name, "features.subject"),
  );
  const whole = present === relation.rowCount;
  const kept = whole
    ? relation.numbered
    : sql`(SELECT * FROM ${relation.numbered} WHERE ${condition})`;
  const subject = subjectText(subjectColumns.map(({ name, type }) => toTextSql(id(name), type)));
  await checkPresent(engine, kept, [
    ...(spec.subject === undefined ? [] : [spec.subject]),
    ...(split.column === undefined ? [] : [split.column]),
  ]);
  const deciders: Deciders = {
    subject,
    stratum: id(target.column),
    value: decider === null ? null : toTextSql(id(decider.name), decider.type),
  };
  if (split.method === "values") {
    await checkValues(engine, kept, split, deciders.value!, subject);
  }
  const isDeclared = spec.subject !== undefined;
  const deal = isDeclared || ranksSubjects(split) ? dealSubjects : dealEachRow;
  const { dealt, isDealtInOrder, counted } = await deal(engine, kept, split, deciders, {
    code: isDeclared ? [id(SUBJECT_CODE)] : [],
    kept: [...new Set(slices)].map(id),
  });
  for (const name of SPLITS) {
    if (split[name] === 0 || counted.rows[name] > 0) continue;
    throw new DuetMindError(
      "DATA_EMPTY",
      `split: expected rows in ${name} (fraction ${split[name]}), got none of ${present}`,
      { path: "split", hint: "bring more subjects, or change the fractions in params.yaml: split" },
    );
  }
  const bits = await createSplitBits(engine, dealt);
  return {
    rows: kept,
    isScan: whole && spec.joins.length === 0,
    training: rowsOfSplit(kept, bits, "train"),
    test: rowsOfSplit(kept, bits, "test"),
    dealt,
    isDealtInOrder,
    counts: {
      total: relation.rowCount,
      without_target: relation.rowCount - present,
      by_split: counted.rows,
    },
    subjects: counted.subjects,
  };
}

async function checkPresent(engine: Engine, rows: Sql, columns: readonly string[]): Promise<void> {
  for (const column of columns) {
    const [found] = await engine.rows(
      sql`SELECT count(*) AS n FROM ${rows} WHERE nullif(${id(column)}::VARCHAR, '') IS NULL`,
    );
    const missing = Number(found!["n"]);
    if (missing === 0) continue;
    throw new DuetMindError(
      "BAD_INPUT",
      `split: expected "${column}" in every row, got ${missing} rows without it`,
      { hint: "the split needs it; drop those rows, or add required to the contract" },
    );
  }
}

type Counted = Readonly<{ rows: Record<SplitName, number>; subjects: Record<SplitName, number> }>;
type Dealt = Pick<FeatureRows, "dealt" | "isDealtInOrder"> & Readonly<{ counted: Counted }>;
type DealtColumns = Readonly<{ code: readonly Sql[]; kept: readonly Sql[] }>;

const SPLIT_TYPE = sql`ENUM (${join(SPLITS.map(lit))})`;

/**
 * Deals subjects, then gives each row the split of its subject. The rows go to a file, sorted, since a
 * table of them would take memory that grows with them; only the subjects are held, and these spill.
 */
async function dealSubjects(
  engine: Engine,
  rows: Sql,
  split: SplitParams,
  deciders: Deciders,
  { code, kept }: DealtColumns,
): Promise<Dealt> {
  const subjects = id(engine.freshName());
  const found = sql`SELECT subject, split::${SPLIT_TYPE} AS split FROM (${splitOfSubjects(rows, split, deciders)})`;
  const [row, name] = [id(ROW_NUMBER), id(SPLIT_COLUMN)];
  await engine.run(
    sql`CREATE TABLE ${subjects} AS ${code.length === 0 ? found : inOrderOfCodes(found)}`,
  );
  try {
    await engine.trimMemory();
    const qualified = [...code.map((of) => sql`s.${of}`), ...kept.map((of) => sql`r.${of}`)];
    const sorted = sql`SELECT ${join([row, sql`split AS ${name}`, ...qualified])}
      FROM (SELECT ${join([row, sql`${deciders.subject} AS "__subject__"`, ...kept])} FROM ${rows}) r
      JOIN ${withCodes(subjects)} s ON r."__subject__" = s.subject ORDER BY ${row}`;
    const query = sql`SELECT * REPLACE (${name}::VARCHAR AS ${name}) FROM (${sorted})`;
    const file = engine.freshFile();
    // each of several threads would hold a block of every partition that the join spills, and gain little
    await engine.withThreads(1, () => writeParquet(engine, query, file));
    const dealt = sql`read_parquet(${lit(file)})`;
    return { dealt, isDealtInOrder: true, counted: await countSplits(engine, dealt, subjects) };
  } finally {
    await engine.run(sql`DROP TABLE ${subjects}`);
  }
}

/** Where almost every row is a subject of its own, each is dealt by itself. */
async function dealEachRow(
  engine: Engine,
  rows: Sql,
  split: SplitParams,
  deciders: Deciders,
  { kept }: DealtColumns,
): Promise<Dealt> {
  const dealt = id(engine.freshName());
  const ofRow = sql`${splitOfRow(split, deciders)}::${SPLIT_TYPE} AS ${id(SPLIT_COLUMN)}`;
  await engine.run(
    sql`CREATE TABLE ${dealt} AS SELECT ${join([id(ROW_NUMBER), ofRow, sql`${deciders.subject} AS "__subject__"`, ...kept])} FROM ${rows}`,
  );
  const subjects = sql`(SELECT any_value(${id(SPLIT_COLUMN)}) AS split FROM ${dealt} GROUP BY "__subject__")`;
  return { dealt, isDealtInOrder: false, counted: await countSplits(engine, dealt, subjects) };
}

async function countSplits(engine: Engine, dealt: Sql, subjects: Sql): Promise<Counted> {
  return {
    rows: await countBySplit(engine, dealt, id(SPLIT_COLUMN)),
    subjects: await countBySplit(engine, subjects, sql`split`),
  };
}

async function countBySplit(
  engine: Engine,
  from: Sql,
  split: Sql,
): Promise<Record<SplitName, number>> {
  const found = await engine.rows(
    sql`SELECT ${split}::VARCHAR AS split, count(*) AS n FROM ${from} GROUP BY 1`,
  );
  const of = (name: SplitName) => Number(found.find((row) => row["split"] === name)?.["n"] ?? 0);
  return { train: of("train"), validation: of("validation"), test: of("test") };
}
