import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { Effects } from "../core/effects.ts";
import { DuetMindError } from "../core/errors.ts";
import { nearestHint } from "../core/nearest.ts";
import type { Engine } from "../table/engine.ts";
import { writeParquet } from "../table/parquet-write.ts";
import type { Relation, RelationColumn } from "../table/relation.ts";
import { ROW_NUMBER } from "../table/relation.ts";
import { id, join as joinSql, lit, type Sql, sql } from "../table/sql.ts";
import type { Increment } from "./data-grow.ts";
import type { GrowingDataset, SourceDigest } from "./data-plan.ts";
import { readRows } from "./data-read.ts";
import { storeByDigest, toPart } from "./increment-part.ts";
import { nextShape, type Shape } from "./increment-shape.ts";
import {
  knownKeys,
  newRows,
  sinceCondition,
  watermarkText,
  watermarkValue,
} from "./increment-sql.ts";
import type { BaseProject } from "./project.ts";
import type { RawPart } from "./raw-manifest.ts";
import { openParts, partColumns } from "./raw-relation.ts";

/**
 * One part for the rows that are new by their watermark. The source is asked for everything from the
 * greatest watermark on, less the look-back, the watermark itself included: rows that share it with the
 * last one seen, and late ones, come again, and of those only the ones that are not there yet are new.
 */
export async function growByRow(
  project: BaseProject,
  engine: Engine,
  planned: GrowingDataset,
  files: readonly SourceDigest[],
  effects: Effects,
): Promise<Increment> {
  const { folder, manifest, params } = planned.growth;
  const name = params.watermark!;
  const mark = manifest?.watermark ?? { column: name, value: null };
  const bytesRead = files.reduce((sum, { size_bytes }) => sum + size_bytes, 0);
  const unchanged = {
    parts: manifest?.parts ?? [],
    columns: manifest?.columns ?? [],
    read_types: manifest?.read_types ?? {},
    watermark: mark,
    rowsRead: 0,
    rowsRejected: 0,
    bytesRead,
  };
  if (files.length === 0) return unchanged;
  const fetched = "fetched.parquet";
  try {
    const read = await effects.files.publish(join(folder, fetched), (path) =>
      readRows(project, engine, planned, path, effects, { mayBeEmpty: true, shape: manifest }),
    );
    const { rowsRead, relation } = read;
    const rowsRejected = rowsRead - relation.rowCount;
    if (relation.rowCount === 0) return { ...unchanged, rowsRead, rowsRejected };
    const shape = await nextShape(engine, planned, manifest, read);
    const fetchedNames = new Set(relation.columns.map((one) => one.name));
    const view = {
      // a part holds no column that its rows came without
      columns: shape.columns.filter((one) => fetchedNames.has(one.name)),
      parts: [{ file: fetched, row_count: relation.rowCount, replaced: null }],
    };
    const rows = await openParts(engine, folder, view);
    const column = await findWatermark(engine, planned, rows, name);
    const added = await selectNew(engine, planned, shape, rows, column);
    const found = await greatest(engine, added, column, mark.value);
    if (found.count === 0) return { ...unchanged, rowsRead, rowsRejected };
    const stored = await storeByDigest(folder, effects, async (path) => {
      await writeParquet(engine, added, path);
      return found.count;
    });
    return {
      parts: [...unchanged.parts, toPart(stored, files, read.quarantine)],
      ...shape,
      watermark: { column: name, value: found.mark },
      rowsRead,
      rowsRejected,
      bytesRead,
    };
  } finally {
    await rm(join(folder, fetched), { force: true });
  }
}

/** A row without a watermark would be read once or never, so there may be none. */
async function findWatermark(
  engine: Engine,
  planned: GrowingDataset,
  rows: Relation,
  name: string,
): Promise<RelationColumn> {
  const at = `sources.${planned.name}.incremental.watermark`;
  const column = rows.columns.find((one) => one.name === name);
  if (column === undefined) {
    const names = rows.columns.map((one) => one.name);
    throw new DuetMindError(
      "COLUMN_NOT_FOUND",
      `params.yaml: ${at}: expected a column of the data, got "${name}"`,
      { path: at, ...nearestHint(name, names) },
    );
  }
  const value = id(name);
  const endless = MAY_BE_INFINITE.test(column.duckdbType)
    ? sql`NOT isfinite(${value})`
    : sql`FALSE`;
  const [row] = await engine.rows(
    sql`SELECT count(*) - count(${value}) AS missing, count_if(${endless}) AS endless FROM ${rows.sql}`,
  );
  const [missing, infinite] = [Number(row!["missing"]), Number(row!["endless"])];
  if (missing + infinite === 0) return column;
  const [every, got] =
    missing > 0 ? ["value", `${missing} without`] : ["finite value", `${infinite} infinite or NaN`];
  throw new DuetMindError(
    "BAD_INPUT",
    `${planned.subject}: expected a ${every} of the watermark "${name}" in every row, got ${got}`,
    { path: at, hint: HINT },
  );
}

const HINT = "give such rows one, for example with coalesce or CASE in the query";
/** Nothing comes after infinity, nor in DuckDB's order after NaN: no later row would be asked for. */
const MAY_BE_INFINITE = /^(DATE|TIMESTAMP.*|FLOAT|DOUBLE)$/;

async function selectNew(
  engine: Engine,
  planned: GrowingDataset,
  shape: Shape,
  rows: Relation,
  column: RelationColumn,
): Promise<Sql> {
  const { folder, manifest, since, params } = planned.growth;
  const columns = joinSql(rows.columns.map(({ name }) => id(name)));
  if (manifest === null || since === null) {
    return sql`SELECT ${columns} FROM ${rows.numbered} ORDER BY ${id(ROW_NUMBER)}`;
  }
  // replaced rows count as seen: a late row that lost by its watermark would else come again for ever
  const everStored = manifest.parts.map((part) => ({ ...part, replaced: null }));
  const stored = await openParts(engine, folder, { columns: shape.columns, parts: everStored });
  const window = sinceCondition(column, since);
  const names = await comparedColumns(engine, folder, everStored, rows, window);
  const added = newRows(rows, stored, names, window);
  const { key } = planned.params;
  if (key === undefined || params.mode === "upsert") return added;
  const [row] = await engine.rows(knownKeys(sql`(${added})`, stored, key));
  const known = Number(row!["n"]);
  if (known === 0) return added;
  throw new DuetMindError(
    "CONFLICT",
    `${planned.subject}: expected new keys (${key.join(", ")}), got ${known} rows that change a row that is there`,
    {
      hint: "if rows may change, set incremental: {mode: upsert} and run: duetmind data --full-refresh",
    },
  );
}

/** The columns that tell rows apart: those that no part which the window reaches into lacks. */
async function comparedColumns(
  engine: Engine,
  folder: string,
  parts: readonly RawPart[],
  rows: Relation,
  window: Sql,
): Promise<readonly string[]> {
  let names = rows.columns.map(({ name }) => name);
  for (const { file } of parts) {
    const path = join(folder, file);
    const present = await partColumns(engine, path);
    if (names.every((name) => present.has(name))) continue;
    const [row] = await engine.rows(
      sql`SELECT 1 FROM read_parquet(${lit(path)}) WHERE ${window} LIMIT 1`,
    );
    if (row !== undefined) names = names.filter((name) => present.has(name));
  }
  return names;
}

/** How many rows there are, and the greatest watermark of them and of those before. */
async function greatest(
  engine: Engine,
  added: Sql,
  { name, duckdbType }: RelationColumn,
  before: string | null,
): Promise<Readonly<{ count: number; mark: string }>> {
  const max = sql`max(${id(name)})`;
  const mark = before === null ? max : sql`greatest(${max}, ${watermarkValue(before, duckdbType)})`;
  const [row] = await engine.rows(
    sql`SELECT count(*) AS n, ${watermarkText(mark, duckdbType)} AS mark FROM (${added})`,
  );
  return { count: Number(row!["n"]), mark: String(row!["mark"]) };
}
