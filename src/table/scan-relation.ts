import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join as joinPath } from "node:path";
import { type Digest, digestFile, digestJson } from "../core/hash.ts";
import { settleAll } from "../core/settle-all.ts";
import { viewColumn } from "./chunk-values.ts";
import {
  accumulateDoubles,
  accumulateIntegers,
  type ColumnAccumulator,
  type NumberSummary,
} from "./column-digest.ts";
import { type EncodedColumn, encodeColumns } from "./column-encoding.ts";
import type { Engine } from "./engine.ts";
import type { Relation } from "./relation.ts";
import { join, lit, type Sql, sql } from "./sql.ts";

export type ScannedColumn = Omit<NumberSummary, "min" | "max" | "missing"> &
  Readonly<{
    name: string;
    type: string;
    /** Of numbers only; text is counted elsewhere. */
    missing: number | null;
    min: number | string | boolean | null;
    max: number | string | boolean | null;
  }>;

export type RelationScan = Readonly<{ columns: readonly ScannedColumn[]; dataDigest: Digest }>;

/**
 * One pass over a table in row order: a digest of each column and of all, and statistics of numbers.
 * Numbers stream by here while DuckDB writes the text columns out, each to a file of its own in CSV
 * with every value quoted, which is then hashed: far cheaper than a JavaScript string for each value.
 * `ofDoubles` may leave the statistics out, where a digest is all that is asked for.
 */
export async function scanRelation(
  engine: Engine,
  relation: Relation,
  ofDoubles: () => ColumnAccumulator = accumulateDoubles,
): Promise<RelationScan> {
  const encoded = await encodeColumns(engine, relation);
  const numbers = encoded.filter((column) => column.encoding !== "text");
  const texts = encoded.filter((column) => column.encoding === "text");
  const [summaries, digests] = await settleAll([
    scanNumbers(engine, relation.sql, numbers, ofDoubles),
    digestTexts(engine, relation.sql, texts),
  ]);
  const columns = encoded.map((column): ScannedColumn => {
    const { name, type } = column;
    const summary = summaries.get(name);
    if (summary !== undefined) return { ...summary, name, type, ...bounds(column, summary) };
    const digest = digests.get(name)!;
    const none = { missing: null, mean: null, std: null, isIncreasing: false };
    return { ...none, name, type, digest, ...rangeOf(column) };
  });
  const parts = columns.map(({ name, type, digest }) => [name, type, digest]);
  return { columns, dataDigest: digestJson([relation.rowCount, parts]) };
}

function bounds(column: EncodedColumn, summary: NumberSummary): Pick<ScannedColumn, "min" | "max"> {
  if (column.type === "bool") {
    return { min: toBoolean(summary.min), max: toBoolean(summary.max) };
  }
  if (column.encoding === "double") return { min: summary.min, max: summary.max };
  return rangeOf(column);
}

function rangeOf({ range }: EncodedColumn): Readonly<{ min: string | null; max: string | null }> {
  return { min: range?.min ?? null, max: range?.max ?? null };
}

function toBoolean(value: number | null): boolean | null {
  return value === null ? null : value === 1;
}

async function scanNumbers(
  engine: Engine,
  from: Sql,
  columns: readonly EncodedColumn[],
  ofDoubles: () => ColumnAccumulator,
): Promise<Map<string, NumberSummary>> {
  if (columns.length === 0) return new Map();
  const accumulators = columns.map((column) =>
    column.encoding === "double" ? ofDoubles() : accumulateIntegers(),
  );
  const selected = join(columns.map((column) => column.select));
  let first = 0;
  for await (const chunk of engine.stream(sql`SELECT ${selected} FROM ${from}`)) {
    for (const [i, accumulator] of accumulators.entries()) {
      const view = viewColumn(chunk, i);
      if (view === undefined) throw new TypeError(`${columns[i]!.name}: no typed array in a chunk`);
      accumulator.add(view, first);
    }
    first += chunk.rowCount;
  }
  return new Map(columns.map((column, i) => [column.name, accumulators[i]!.finish()]));
}

async function digestTexts(
  engine: Engine,
  from: Sql,
  columns: readonly EncodedColumn[],
): Promise<Map<string, Digest>> {
  const digests = new Map<string, Digest>();
  const folder = mkdtempSync(joinPath(tmpdir(), "duetmind-"));
  try {
    for (const [i, column] of columns.entries()) {
      const path = joinPath(folder, `${i}.csv`);
      await engine.run(
        sql`COPY (SELECT ${column.select} FROM ${from}) TO ${lit(path)} (FORMAT csv, HEADER false, FORCE_QUOTE *)`,
      );
      digests.set(column.name, digestJson(["text", digestFile(path).digest]));
      rmSync(path);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return digests;
}
