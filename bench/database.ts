import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { realEffects } from "../src/core/effects.ts";
import { sourceParams } from "../src/sources/params.ts";
import { syncSource } from "../src/sources/sync-source.ts";
import { openEngine } from "../src/table/engine.ts";
import startPostgresql, { installServer } from "../test/interop/postgresql-server.ts";
import { AS_BUILT, reportBench } from "./result.ts";

/**
 * A table of PostgreSQL (5 million rows × 12 columns, with a primary key) to Parquet files, against
 * psql's `COPY … TO STDOUT` of the same table into nothing. Bars: at least half of its bytes a second,
 * and a peak RSS below 600 MB. Each runs in a process of its own, in turn, three times; medians are
 * compared. `psql` and the server are those of the interop tests.
 *
 *     npm run bench bench/database.ts
 */
const ROWS = 5_000_000;
const ROUNDS = 3;
const VARIABLE = "DUETMIND_TEST_DATABASE_URL";
const [, script, role, folder] = process.argv;

if (role === "fetch") {
  await fetchTable(folder!);
} else {
  const stop = await startPostgresql();
  const root = mkdtempSync(join(tmpdir(), "duetmind-bench-"));
  try {
    await makeTable();
    await compare(root);
  } finally {
    rmSync(root, { recursive: true, force: true });
    stop();
  }
}

async function makeTable(): Promise<void> {
  const client = new pg.Client(process.env[VARIABLE]!);
  await client.connect();
  await client.query(`CREATE UNLOGGED TABLE visits (
    record_id bigint PRIMARY KEY, visit timestamptz, age int, score smallint, site text, patient_id text,
    volume double precision, thickness double precision, amyloid double precision, tau double precision,
    weight double precision, pressure numeric(5, 1))`);
  await client.query("SELECT setseed(0.42)");
  await client.query(`INSERT INTO visits
    SELECT 1000000000000 + i, timestamptz '2010-01-01 08:00:00+00' + make_interval(mins => (random() * 7000000)::int),
      40 + (random() * 60)::int, (random() * 30)::int,
      (ARRAY['Amsterdam', 'Boston', 'Chennai', 'Dakar', 'Edinburgh', 'Fukuoka', 'Geneva', 'Hobart'])[1 + (random() * 7)::int],
      'P' || lpad((random() * 999999)::int::text, 7, '0'), CASE WHEN random() < 0.02 THEN NULL ELSE 900 + 300 * random() END,
      2 + random(), 100 * random(), random(), 45 + 60 * random(), (80 + 100 * random())::numeric(5, 1)
    FROM generate_series(1, ${ROWS}) AS i`);
  await client.query("VACUUM ANALYZE visits");
  await client.end();
}

/** The child: one fetch, and what it took. */
async function fetchTable(root: string): Promise<void> {
  const params = sourceParams.parse({ database: { url: VARIABLE, table: "visits" } });
  const engine = await openEngine();
  const cpu = process.cpuUsage();
  const start = performance.now();
  const request = { name: "visits", params, root, env: process.env, engine, folder: root };
  const { files } = await syncSource({ ...request, since: null, sinceColumn: null }, realEffects);
  const wallSeconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  engine.close();
  const rssMb = process.resourceUsage().maxRSS / 1024;
  const figures = { wallSeconds, cpuSeconds: (user + system) / 1e6, rssMb, files: files.length };
  process.stdout.write(JSON.stringify(figures));
}

type Fetch = Readonly<{ wallSeconds: number; cpuSeconds: number; rssMb: number; files: number }>;

async function compare(root: string): Promise<void> {
  const copies: Readonly<{ wallSeconds: number; bytes: number }>[] = [];
  const fetches: Fetch[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    copies.push(await copyTable());
    const target = join(root, `round${round}`);
    mkdirSync(target);
    const child = spawnSync(process.execPath, [...AS_BUILT, script!, "fetch", target], {
      encoding: "utf8",
    });
    if (child.status !== 0) throw new Error(child.stderr);
    fetches.push(JSON.parse(child.stdout) as Fetch);
  }
  const copy = median(copies);
  const fetch = median(fetches);
  const megabytes = copy.bytes / 1e6;
  reportBench("database", [
    {
      case: `PostgreSQL table to Parquet, ${ROWS} rows x 12 columns: bytes of COPY a second`,
      ours: {
        wall_seconds: fetch.wallSeconds,
        cpu_seconds: fetch.cpuSeconds,
        megabytes_a_second: megabytes / fetch.wallSeconds,
      },
      peer: {
        name: "psql, COPY … TO STDOUT into nothing",
        wall_seconds: copy.wallSeconds,
        megabytes_a_second: megabytes / copy.wallSeconds,
      },
      figure: copy.wallSeconds / fetch.wallSeconds,
      bar: { op: ">=", value: 0.5 },
    },
    {
      case: "the same, peak RSS in MB",
      ours: { rss_mb: Math.max(...fetches.map(({ rssMb }) => rssMb)) },
      peer: { name: "limit", rss_mb: 600 },
      figure: Math.max(...fetches.map(({ rssMb }) => rssMb)),
      bar: { op: "<=", value: 600 },
    },
  ]);
}

function copyTable(): Promise<Readonly<{ wallSeconds: number; bytes: number }>> {
  const start = performance.now();
  const psql = spawn(join(installServer(), "psql"), [
    ...["-d", process.env[VARIABLE]!],
    ...["-c", "COPY visits TO STDOUT"],
  ]);
  let bytes = 0;
  psql.stdout.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
  });
  return new Promise((resolve, reject) => {
    psql.once("error", reject);
    psql.once("close", () => resolve({ wallSeconds: (performance.now() - start) / 1000, bytes }));
  });
}

function median<T extends Readonly<{ wallSeconds: number }>>(figures: readonly T[]): T {
  return [...figures].sort((a, b) => a.wallSeconds - b.wallSeconds)[
    Math.floor(figures.length / 2)
  ]!;
}
