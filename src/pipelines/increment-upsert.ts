import { join } from "node:path";
import type { Effects } from "../core/effects.ts";
import { DuetMindError } from "../core/errors.ts";
import type { Engine } from "../table/engine.ts";
import { writeParquet } from "../table/parquet-write.ts";
import { id, join as joinSql, lit, sql } from "../table/sql.ts";
import { storeByDigest } from "./increment-part.ts";
import { replacedRows } from "./increment-sql.ts";
import type { RawManifest, RawPart } from "./raw-manifest.ts";
import { openParts } from "./raw-relation.ts";

/**
 * Says in a manifest without marks which rows of each part a later row of the same key has replaced. Parts never
 * change, so it is worked out from all keys each time: a file that went takes back what it replaced.
 */
export async function markReplaced(
  engine: Engine,
  folder: string,
  manifest: RawManifest,
  effects: Effects,
): Promise<RawManifest> {
  const key = manifest.key!;
  await checkKeys(engine, folder, manifest);
  const watermark = manifest.watermark?.column ?? null;
  const table = id(engine.freshName());
  const paths = manifest.parts.map(({ file }) => join(folder, file));
  await engine.run(sql`CREATE TABLE ${table} AS ${replacedRows(paths, key, watermark)}`);
  const counts = await engine.rows(sql`SELECT part, count(*) AS n FROM ${table} GROUP BY part`);
  const parts: RawPart[] = [...manifest.parts];
  for (const row of counts) {
    const [place, count] = [Number(row["part"]), Number(row["n"])];
    const replaced = await storeByDigest(folder, effects, async (path) => {
      const rows = sql`SELECT "row" FROM ${table} WHERE part = ${lit(place)} ORDER BY "row"`;
      await writeParquet(engine, rows, path);
      return count;
    });
    parts[place] = { ...parts[place]!, replaced };
  }
  await engine.run(sql`DROP TABLE ${table}`);
  return { ...manifest, parts };
}

/** A key that is missing identifies nothing. */
async function checkKeys(engine: Engine, folder: string, manifest: RawManifest): Promise<void> {
  const all = await openParts(engine, folder, manifest);
  const missing = joinSql(
    manifest.key!.map((name) => sql`${id(name)} IS NULL`),
    " OR ",
  );
  const [row] = await engine.rows(sql`SELECT count(*) AS n FROM ${all.sql} WHERE ${missing}`);
  const count = Number(row!["n"]);
  if (count === 0) return;
  throw new DuetMindError(
    "BAD_INPUT",
    `${manifest.dataset}: expected a key (${manifest.key!.join(", ")}) in every row, got ${count} rows without`,
    { hint: "an upsert cannot tell which row such a row replaces" },
  );
}
