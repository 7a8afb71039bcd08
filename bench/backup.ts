// The daily dump of an embedded database with a million metric points, and closing without one, against
// a bare PGlite that copies the same table to text. Each in a new process; CPU seconds of all threads.
// Run: npm run bench bench/backup.ts
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { reportBench } from "./result.ts";

const POINTS = 1_000_000;
const dist = new URL("../dist/", import.meta.url).href;
const root = mkdtempSync(join(tmpdir(), "duetmind-bench-"));
const backups = join(root, ".duetmind", "backup");

const OPEN = `
  import { sql } from "kysely";
  import { openDatabase } from "${dist}store/database.js";
  import { databaseParams } from "${dist}store/params.js";
  import { realEffects } from "${dist}core/effects.js";
  const options = { root: ${JSON.stringify(root)}, env: {}, params: databaseParams.parse({}) };
  const database = await openDatabase({ ...options, effects: realEffects });`;

const FILL = `${OPEN}
  await sql\`INSERT INTO runs (run_id, experiment_id, run_name, status, artifact_uri)
    VALUES ('r', 0, 'r', 'FINISHED', 'u')\`.execute(database.kysely);
  for (let from = 0; from < ${POINTS}; from += 20000) {
    await sql\`INSERT INTO metrics SELECT 'r', 'loss', 1700000000000 + g, g, random()
      FROM generate_series(\${from}::int, \${from + 19999}::int) g\`.execute(database.kysely);
  }
  await database.close();
  console.log(JSON.stringify({}));`;

const CLOSE = `${OPEN}
  const cpu = process.cpuUsage(), start = performance.now();
  await database.close();
  const { user, system } = process.cpuUsage(cpu);
  const rss_mb = Math.round(process.resourceUsage().maxRSS / 1024);
  console.log(JSON.stringify({ cpu_s: (user + system) / 1e6, wall_s: (performance.now() - start) / 1000, rss_mb }));`;

const BARE = `
  import { PGlite } from "@electric-sql/pglite";
  import { vector } from "@electric-sql/pglite-pgvector";
  const db = await PGlite.create({ dataDir: ${JSON.stringify(join(root, ".duetmind", "db"))}, extensions: { vector } });
  const cpu = process.cpuUsage(), start = performance.now();
  const { blob } = await db.query("COPY duetmind.metrics TO '/dev/blob'");
  if (blob.size < ${POINTS}) throw new Error("expected a copy of every point");
  const { user, system } = process.cpuUsage(cpu);
  await db.close();
  const rss_mb = Math.round(process.resourceUsage().maxRSS / 1024);
  console.log(JSON.stringify({ cpu_s: (user + system) / 1e6, wall_s: (performance.now() - start) / 1000, rss_mb }));`;

type Measured = Readonly<{ cpu_s: number; wall_s: number; rss_mb: number }>;

function run(script: string): Measured {
  const argv = ["--input-type=module", "-e", script];
  const { stdout, stderr, status } = spawnSync(process.execPath, argv, {
    encoding: "utf8",
    cwd: new URL("..", import.meta.url),
  });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as Measured;
}

const rounded = ({ cpu_s, wall_s, rss_mb }: Measured) => ({
  cpu_s: Number(cpu_s.toFixed(2)),
  wall_s: Number(wall_s.toFixed(2)),
  rss_mb,
});

try {
  run(FILL);
  const withoutDump = run(CLOSE);
  const bare = run(BARE);
  rmSync(backups, { recursive: true });
  const withDump = run(CLOSE);
  const dumpMb = statSync(join(backups, readdirSync(backups)[0]!)).size / 1e6;
  reportBench("backup", [
    {
      case: "close with the daily dump of 1,000,000 metric points, CPU of all threads",
      ours: { ...rounded(withDump), dump_mb: Number(dumpMb.toFixed(1)) },
      peer: { name: "PGlite alone, COPY of the same table to memory", ...rounded(bare) },
      figure: Number((withDump.cpu_s / bare.cpu_s).toFixed(2)),
      bar: { op: "<=", value: 8 },
    },
    {
      case: "memory with the dump against closing without one",
      ours: { rss_mb: withDump.rss_mb },
      peer: { name: "close without a dump that is due", ...rounded(withoutDump) },
      figure: Number((withDump.rss_mb / withoutDump.rss_mb).toFixed(2)),
      bar: { op: "<=", value: 1.5 },
    },
  ]);
} finally {
  rmSync(root, { recursive: true, force: true });
}
