import { existsSync, readdirSync, rmSync } from "node:fs";
import { join as joinPath } from "node:path";
import type { Effects } from "../core/effects.ts";
import { digestHex, digestJson } from "../core/hash.ts";
import { throwIfInterrupted } from "../core/interrupted.ts";
import { VERSION } from "../core/version.ts";
import { deriveColumns } from "../features/derive-columns.ts";
import { toFeatureSql } from "../features/feature-sql.ts";
import type { FeatureView } from "../features/feature-view.ts";
import { hasTarget } from "../features/fit-target.ts";
import type { FeaturesParams } from "../features/params.ts";
import type { Engine } from "../table/engine.ts";
import { writeParquet } from "../table/parquet-write.ts";
import { ROW_NUMBER } from "../table/relation.ts";
import { id, join, lit, type Sql, sql } from "../table/sql.ts";
import type { PartedRaw } from "./raw-relation.ts";

/** How many parts of the base dataset had their features computed now, and how many were kept. */
export type PartCounts = Readonly<{ computed: number; reused: number }>;

export type PartedFeatures = Readonly<{
  /** For FROM: ROW_NUMBER and the features of all rows with a target, in row order; a scan of files. */
  sql: Sql;
  counts: PartCounts;
  /** Removes the features of parts and views that are no longer used. */
  clear(): void;
}>;

/**
 * Features of a dataset that grows, part by part: each part's rows become a file in
 * `.duetmind/cache/features`, named by all that decides its bytes, so that only a part whose content, or
 * a view whose fitted values changed, is computed again. A build without the cache makes the same files
 * and from them the same table, byte for byte.
 */
export async function featuresOfParts(
  engine: Engine,
  root: string,
  raw: PartedRaw,
  spec: FeaturesParams,
  view: FeatureView,
  effects: Effects,
): Promise<PartedFeatures> {
  const folder = joinPath(root, ".duetmind", "cache", "features");
  const used = new Set<string>();
  const pieces: Sql[] = [];
  let before = 0;
  let computed = 0;
  for (const part of raw.manifest.parts) {
    throwIfInterrupted(effects.signal);
    const name = `${pieceKey(part, raw, spec, view)}.parquet`;
    const path = joinPath(folder, name);
    used.add(name);
    if (!existsSync(path)) {
      computed += 1;
      const query = await pieceQuery(engine, part, raw, spec, view);
      await effects.files.publish(path, (temporary) => writeParquet(engine, query, temporary));
    }
    const place = sql`${id(ROW_NUMBER)} + ${lit(before)} AS ${id(ROW_NUMBER)}`;
    pieces.push(
      sql`SELECT ${place}, * EXCLUDE (${id(ROW_NUMBER)}) FROM read_parquet(${lit(path)})`,
    );
    before += part.row_count;
  }
  return {
    sql: sql`(${join(pieces, " UNION ALL ")})`,
    counts: { computed, reused: pieces.length - computed },
    clear: () => {
      for (const name of readdirSync(folder)) {
        if (!used.has(name)) rmSync(joinPath(folder, name), { force: true });
      }
    },
  };
}

type Part = PartedRaw["manifest"]["parts"][number];

/** All that the bytes of one part's features depend on. */
function pieceKey(part: Part, raw: PartedRaw, spec: FeaturesParams, view: FeatureView): string {
  const { derive = null, target } = spec;
  const made = {
    duetmind: VERSION,
    part: part.sha256,
    replaced: part.replaced?.sha256 ?? null,
    columns: raw.manifest.columns,
    target: [target, derive],
    // not the fit hash: the example row for the model's card changes with every row
    inputs: view.inputs.map(({ example: _, ...input }) => input),
    outputs: view.outputs,
  };
  return digestHex(digestJson(made));
}

async function pieceQuery(
  engine: Engine,
  part: Part,
  raw: PartedRaw,
  spec: FeaturesParams,
  view: FeatureView,
): Promise<Sql> {
  const only = await raw.openPart(part);
  const rows = await deriveColumns(engine, spec, only);
  const kept = sql`(SELECT * FROM ${rows.numbered} WHERE ${hasTarget(view.target.column, view.target.type)})`;
  return sql`SELECT * FROM (${toFeatureSql(view, kept, [ROW_NUMBER])}) ORDER BY ${id(ROW_NUMBER)}`;
}
