import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { realEffects } from "../src/core/effects.ts";
import { runData } from "../src/pipelines/data-stage.ts";
import { loadProject } from "../src/pipelines/project.ts";
import { registerAfterStage } from "../src/pipelines/register-after-stage.ts";
import { openEngine } from "../src/table/engine.ts";
import { lit, sql } from "../src/table/sql.ts";
import { compareTimes, type Seconds, watchOthers } from "./compare-times.ts";
import { makeIngestCsv } from "./ingest-csv.ts";
import { measure, reportBench } from "./result.ts";

/**
 * CSV → registered raw Parquet (5 million rows × 12 columns), against DuckDB's bare COPY of the same
 * file: its own sniffer, no digest, no statistics, no record. Bar: at most twice its time. Each is run
 * in turn, five times, and the medians are compared, by CPU seconds where others load the machine
 * (`compare-times.ts`). The project has a database already, as after any first command; each round
 * ingests a dataset that is new to it. DUETMIND_BENCH_CACHE keeps the CSV. Needs `npm run build`.
 */
const ROWS = 5_000_000;
const ROUNDS = 5;
const cache = process.env["DUETMIND_BENCH_CACHE"] ?? tmpdir();

const csv = makeIngestCsv(cache, ROWS);
const root = mkdtempSync(join(tmpdir(), "duetmind-bench-"));
const bare: Seconds[] = [];
const ours: Seconds[] = [];
let stageSeconds = 0;
const othersShare = watchOthers();
try {
  await ingest("first", makeIngestCsv(cache, 1000));
  for (let round = 0; round < ROUNDS; round++) {
    bare.push(await measure(() => bareCopy(join(root, "bare.parquet"))));
    const { data, registration } = await ingest(`visits${round}`, csv);
    stageSeconds += data.cpuSeconds / ROUNDS;
    ours.push({
      wallSeconds: data.wallSeconds + registration.wallSeconds,
      cpuSeconds: data.cpuSeconds + registration.cpuSeconds,
    });
  }
} finally {
  rmSync(root, { recursive: true, force: true });
}

const name = `CSV to registered raw Parquet, ${ROWS} rows x 12 columns`;
const peer = { name: "DuckDB COPY of the same file to Parquet zstd", times: bare };
const result = compareTimes(name, ours, peer, othersShare(), 2);
reportBench("ingest", [{ ...result, ours: { ...result.ours, stage_cpu_seconds: stageSeconds } }]);

async function bareCopy(path: string): Promise<void> {
  const engine = await openEngine();
  await engine.run(
    sql`COPY (FROM read_csv(${lit(csv)})) TO ${lit(path)} (FORMAT parquet, COMPRESSION zstd)`,
  );
  engine.close();
}

/** Ingests and registers one dataset in the bench's project. */
async function ingest(name: string, path: string) {
  writeFileSync(
    join(root, "params.yaml"),
    `sources:
  ${name}:
    path: data/source/${name}.csv
    types: {visit_date: "datetime64[ns]"}
    key: [record_id]
features: {view: bench, source: ${name}, subject: record_id, target: score, transforms: [{numeric: age}]}
model: {name: bench}
tracking: {experiment: bench}
`,
  );
  mkdirSync(join(root, "data/source"), { recursive: true });
  symlinkSync(path, join(root, `data/source/${name}.csv`));
  const project = await loadProject(root, {}, realEffects);
  const startedAt = new Date();
  const data = await measure(() => runData(project, realEffects));
  const { recordPath } = data.result;
  const journal = { command: "bench", startedAt };
  const registration = await measure(() =>
    registerAfterStage(project, { stage: "data", recordPath, journal }, realEffects),
  );
  return { data, registration };
}
