import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { realEffects } from "../../src/core/effects.ts";
import { parseParams } from "../../src/pipelines/params.ts";
import type { Project } from "../../src/pipelines/project.ts";
import { openEngine } from "../../src/table/engine.ts";
import { writeParquet } from "../../src/table/parquet-write.ts";
import { type Sql, sql } from "../../src/table/sql.ts";
import { temporaryFolder } from "../support/database.ts";

/** A project in a folder of its own, with raw datasets as the queries make them. */
export async function makeProject(
  params: Readonly<Record<string, unknown>>,
  datasets: Readonly<Record<string, Sql>>,
  files: Readonly<Record<string, string>> = {},
): Promise<Project> {
  const root = temporaryFolder();
  await writeRaw(root, datasets);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  const sources = Object.fromEntries(
    Object.keys(datasets).map((name) => [name, { path: `data/source/${name}.csv` }]),
  );
  return {
    root,
    params: parseParams({ sources, model: { name: "m" }, ...params }),
    env: {},
    origins: new Map(),
  };
}

export async function writeRaw(root: string, datasets: Readonly<Record<string, Sql>>) {
  mkdirSync(join(root, "data/raw"), { recursive: true });
  const engine = await openEngine({ threads: 1 });
  try {
    for (const [name, query] of Object.entries(datasets)) {
      await realEffects.files.publish(join(root, `data/raw/${name}.parquet`), (path) =>
        writeParquet(engine, query, path),
      );
    }
  } finally {
    engine.close();
  }
}

/**
 * Visits of patients, three rows each, made from the row number alone: numbers with gaps, a skewed
 * positive number, categories with a rare one, booleans, dates.
 */
export function visits(rows: number): Sql {
  const n = { text: String(rows) } as Sql;
  return sql`SELECT
    'P' || (r // 3)::VARCHAR AS patient_id,
    (DATE '2021-01-01' + (r % 900)::INTEGER)::TIMESTAMP AS visit_date,
    CASE WHEN r % 17 = 0 THEN NULL ELSE 55 + (hash(r) % 400)::DOUBLE / 10 END AS age,
    (1 + hash(r + 1) % 100000)::DOUBLE / 7 AS volume,
    (hash(r + 2) % 31)::BIGINT AS score,
    CASE hash(r + 3) % 10 WHEN 0 THEN 'Basel' WHEN 1 THEN NULL WHEN 2 THEN 'Lyon' ELSE 'Oslo' END AS site,
    hash(r + 4) % 3 = 0 AS family,
    CASE WHEN hash(r + 2) % 31 + hash(r + 5) % 9 < 17 THEN 'yes' ELSE 'no' END AS diagnosis
    FROM range(${n}) t(r) ORDER BY r`;
}

export const VISIT_FEATURES = {
  view: "visits",
  subject: "patient_id",
  target: "diagnosis",
  transforms: [
    { numeric: ["age", "score"], scale: "standard", missing_indicator: true },
    { numeric: "volume", clip: { quantiles: [0.01, 0.99] }, log: 1, scale: "robust" },
    { numeric: "score", name: "score_bin", bin: { quantiles: 4 } },
    { categorical: "site", encode: "one_hot", rare: { min_share: 0.15 }, missing_indicator: true },
    { boolean: "family" },
    { datetime: "visit_date", parts: ["month", "weekday", "elapsed_days"], since: "2021-01-01" },
    { ratio: ["volume", "age"] },
    { interaction: ["age", "family"] },
    { sql: "CASE WHEN score > 15 THEN score - 15 ELSE 0 END", name: "excess" },
  ],
};
