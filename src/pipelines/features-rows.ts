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
import { SPLITS, type SplitName } from "../features/split-params.ts";
import { addSplit, SPLIT_COLUMN, subjectText } from "../features/split-sql.ts";
import { subjectsOf } from "../features/subject-code-sql.ts";
import type { Engine } from "../table/engine.ts";
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
  relation: Relation;
  /** A table in row order: the raw columns asked for, ROW_NUMBER, SPLIT_COLUMN. */
  rows: Sql;
  /** The same rows with all raw columns straight from their file, where that is possible. */
  scan: Sql | null;
  /** The declared subject as text over the rows, and the table of its `subjectsOf`; null without one. */
  declared: Readonly<{ subject: Sql; subjects: Sql }> | null;
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
 * Leaves out rows without a target, deals the rest to the splits and counts them. What later steps
 * need of the rows is kept in one table, so that files are decoded and subjects hashed once.
 */
export async function dealRows(
  engine: Engine,
  project: Project,
  relation: Relation,
  key: readonly string[],
  target: Readonly<{ column: string; type: string }>,
  needed: readonly string[],
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
  const dealt = await addSplit(engine, kept, split, {
    subject,
    stratum: id(target.column),
    value: decider === null ? null : toTextSql(id(decider.name), decider.type),
  });
  const columns = new Set([
    ...[ROW_NUMBER, SPLIT_COLUMN, target.column],
    ...subjectColumns.map(({ name }) => name),
    ...needed,
  ]);
  const table = id(engine.freshName());
  const order = dealt.ordered ? sql`` : sql`ORDER BY ${id(ROW_NUMBER)}`;
  await engine.run(
    sql`CREATE TABLE ${table} AS SELECT ${join([...columns].map(id))} FROM ${dealt.sql} ${order}`,
  );
  const subjects = id(engine.freshName());
  await engine.run(sql`CREATE TABLE ${subjects} AS FROM ${subjectsOf(table, subject)}`);
  const counted = await countSplits(engine, subjects);
  for (const name of SPLITS) {
    if (split[name] === 0 || counted.rows[name] > 0) continue;
    throw new DuetMindError(
      "DATA_EMPTY",
      `split: expected rows in ${name} (fraction ${split[name]}), got none of ${present}`,
      { path: "split", hint: "bring more subjects, or change the fractions in params.yaml: split" },
    );
  }
  return {
    relation,
    rows: table,
    scan: whole && spec.joins.length === 0 ? relation.numbered : null,
    declared: spec.subject === undefined ? null : { subject, subjects },
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

async function countSplits(
  engine: Engine,
  subjects: Sql,
): Promise<Readonly<{ rows: Record<SplitName, number>; subjects: Record<SplitName, number> }>> {
  const found = await engine.rows(
    sql`SELECT split, sum(n)::BIGINT AS n, count(*) AS subjects FROM ${subjects} GROUP BY 1`,
  );
  const of = (split: SplitName, column: string) =>
    Number(found.find((row) => row["split"] === split)?.[column] ?? 0);
  const count = (column: string) => ({
    train: of("train", column),
    validation: of("validation", column),
    test: of("test", column),
  });
  return { rows: count("n"), subjects: count("subjects") };
}

/** For FROM: the rows of one split. */
export function rowsOfSplit(rows: Sql, split: SplitName): Sql {
  return sql`(SELECT * FROM ${rows} WHERE ${id(SPLIT_COLUMN)} = ${lit(split)})`;
}
