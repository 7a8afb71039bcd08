import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { realEffects } from "../src/core/effects.ts";
import { runFeatures } from "../src/pipelines/features-stage.ts";
import { parseParams } from "../src/pipelines/params.ts";
import type { Project } from "../src/pipelines/project.ts";
import { openEngine } from "../src/table/engine.ts";
import { writeParquet } from "../src/table/parquet-write.ts";
import { lit, raw, sql } from "../src/table/sql.ts";
import { compareTimes, type Seconds, watchOthers } from "./compare-times.ts";
import { AS_BUILT, measure, reportBench } from "./result.ts";

/**
 * Features on 3 million rows (a million subjects): imputed and scaled numbers, clip, log, one-hot,
 * bins, a ratio; with split, fitting, digests and record. The peer is DuckDB reading the finished
 * tables (features, labels, split, test inputs) and writing them again. Bars: at most 4 times the peer
 * (by CPU seconds where others load the machine, see `compare-times.ts`), and a peak RSS below 2 GB.
 * The raw data is made by a process of its own, so that its memory does not count.
 *
 *     npm run bench bench/features.ts
 */
const ROWS = 3_000_000;
const ROUNDS = 5;
const [, script, role, folder] = process.argv;

if (role === "make") {
  await makeRaw(folder!);
} else {
  const root = mkdtempSync(join(tmpdir(), "duetmind-bench-"));
  try {
    mkdirSync(join(root, "data/raw"), { recursive: true });
    spawnSync(process.execPath, [...AS_BUILT, script!, "make", root], { stdio: "inherit" });
    await compare(root);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

async function makeRaw(root: string): Promise<void> {
  const engine = await openEngine();
  const rows = sql`SELECT
      'P' || lpad((r // 3)::VARCHAR, 7, '0') AS patient_id,
      CASE WHEN hash(r) % 50 = 0 THEN NULL ELSE 50 + (hash(r + 1) % 500000)::DOUBLE / 10000 END AS age,
      (900 + (hash(r + 2) % 3000000)::DOUBLE / 10000) AS volume,
      (1 + hash(r + 3) % 10000000)::DOUBLE / 977 AS tau,
      (hash(r + 4) % 31)::BIGINT AS score,
      45 + (hash(r + 5) % 600000)::DOUBLE / 10000 AS weight,
      (hash(r + 6) % 1000000)::DOUBLE / 1000000 AS amyloid,
      ['Amsterdam', 'Boston', 'Chennai', 'Dakar', 'Edinburgh', 'Fukuoka'][1 + (hash(r + 7) % 6)::INTEGER] AS site,
      ['e2/e3', 'e3/e3', 'e3/e4', 'e4/e4'][1 + (hash(r + 8) % 4)::INTEGER] AS genotype,
      hash(r + 9) % 3 = 0 AS family,
      (hash(r + 4) % 31 + hash(r + 10) % 9 < 17)::INTEGER::BIGINT AS diagnosis
    FROM range(${raw(String(ROWS))}) t(r) ORDER BY r`;
  await writeParquet(engine, rows, join(root, "data/raw/visits.parquet"));
  engine.close();
}

async function compare(root: string): Promise<void> {
  const project: Project = {
    root,
    env: {},
    origins: new Map(),
    params: parseParams({
      sources: { visits: { path: "visits.csv" } },
      model: { name: "bench" },
      features: {
        view: "bench",
        subject: "patient_id",
        target: "diagnosis",
        transforms: [
          { numeric: ["age", "volume", "weight"], impute: "median", scale: "standard" },
          { numeric: "tau", clip: { quantiles: [0.01, 0.99] }, log: true, scale: "robust" },
          { numeric: "amyloid", clip: [0.05, 0.95], scale: "minmax", missing_indicator: true },
          { numeric: "score", bin: { quantiles: 5 } },
          { categorical: ["site", "genotype"], encode: "one_hot" },
          { boolean: "family" },
          { ratio: ["volume", "age"] },
        ],
      },
    }),
  };
  const othersShare = watchOthers();
  const ours: Seconds[] = [];
  const bare: Seconds[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    ours.push(await measure(async () => void (await runFeatures(project, realEffects))));
    bare.push(await measure(() => readAndWrite(root)));
  }
  const peakRssMb = process.resourceUsage().maxRSS / 1024;
  const name = `features on ${ROWS} rows`;
  const peer = { name: "DuckDB reading and writing the same tables, Parquet zstd", times: bare };
  reportBench("features", [
    compareTimes(name, ours, peer, othersShare(), 4),
    {
      case: `features on ${ROWS} rows, peak RSS in MB`,
      ours: { peak_rss_mb: peakRssMb },
      peer: { name: "the limit", mb: 2048 },
      figure: peakRssMb,
      bar: { op: "<=", value: 2048 },
    },
  ]);
}

/** The same tables, read and written with nothing computed. */
async function readAndWrite(root: string): Promise<void> {
  const engine = await openEngine();
  for (const name of ["features", "labels", "split", "test-inputs"]) {
    const from = join(root, `data/processed/${name}.parquet`);
    const to = join(root, "bare.parquet");
    await engine.run(
      sql`COPY (SELECT * FROM read_parquet(${lit(from)})) TO ${lit(to)} (FORMAT parquet, COMPRESSION zstd)`,
    );
  }
  engine.close();
}
