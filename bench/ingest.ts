import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { realEffects } from "../src/core/effects.ts";
import { runData } from "../src/pipelines/data-stage.ts";
import { loadProject } from "../src/pipelines/project.ts";
import { registerAfterStage } from "../src/pipelines/register-after-stage.ts";
import { openEngine } from "../src/table/engine.ts";
import { lit, sql } from "../src/table/sql.ts";
import { makeIngestCsv } from "./ingest-csv.ts";
import { measure, reportBench } from "./result.ts";

/**
 * CSV → registered raw Parquet (5 million rows × 12 columns), against DuckDB's bare COPY of the same
 * file: its own sniffer, no digest, no statistics, no record. Bar: at most twice its time. Each is run
 * in turn, three times, and the medians are compared. The project has a database already, as after any
 * first command; each round ingests a dataset that is new to it. DUETMIND_BENCH_CACHE keeps the CSV.
 */
const ROWS = 5_000_000;
const ROUNDS = 3;
const cache = process.env["DUETMIND_BENCH_CACHE"] ?? tmpdir();

const csv = makeIngestCsv(cache, ROWS);
const root = mkdtempSync(join(tmpdir(), "duetmind-bench-"));
const bare: Figures[] = [];
const stage: Figures[] = [];
const whole: Figures[] = [];
try {
  await ingest("first", makeIngestCsv(cache, 1000));
  for (let round = 0; round < ROUNDS; round++) {
    bare.push(await measure(() => bareCopy(join(root, "bare.parquet"))));
    const { data, registration } = await ingest(`visits${round}`, csv);
    stage.push(data);
    whole.push({
      wallSeconds: data.wallSeconds + registration.wallSeconds,
      cpuSeconds: data.cpuSeconds + registration.cpuSeconds,
    });
  }
} finally {
  rmSync(root, { recursive: true, force: true });
}

const ours = median(whole);
const peer = median(bare);
reportBench("ingest", [
  {
    case: `CSV to registered raw Parquet, ${ROWS} rows x 12 columns`,
    ours: {
      wall_seconds: ours.wallSeconds,
      cpu_seconds: ours.cpuSeconds,
      stage_wall_seconds: median(stage).wallSeconds,
    },
    peer: {
      name: "DuckDB COPY of the same file to Parquet zstd",
      wall_seconds: peer.wallSeconds,
      cpu_seconds: peer.cpuSeconds,
    },
    figure: ours.wallSeconds / peer.wallSeconds,
    bar: { op: "<=", value: 2 },
  },
]);

type Figures = Readonly<{ wallSeconds: number; cpuSeconds: number }>;

function median(figures: readonly Figures[]): Figures {
  return [...figures].sort((a, b) => a.wallSeconds - b.wallSeconds)[
    Math.floor(figures.length / 2)
  ]!;
}

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
