// Opening an existing embedded database and answering one query, in a new process each time, against a
// bare PGlite that opens the same folder and answers the same query. Bar: at most 2 times.
// Run: npm run bench bench/open-database.ts
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { reportBench } from "./result.ts";

const ROUNDS = 7;
const dist = new URL("../dist/", import.meta.url).href;
const root = mkdtempSync(join(tmpdir(), "duetmind-bench-"));

const BARE = `
  import { PGlite } from "@electric-sql/pglite";
  import { vector } from "@electric-sql/pglite-pgvector";
  const db = await PGlite.create({ dataDir: ${JSON.stringify(join(root, ".duetmind", "db"))}, extensions: { vector } });
  const { rows } = await db.query("SELECT count(*) AS n FROM duetmind.experiments");
  if (Number(rows[0].n) !== 1) throw new Error("expected one experiment");
  const answered = process.uptime();
  await db.close();
  console.log(answered);`;

const OURS = `
  import { openDatabase } from "${dist}store/database.js";
  import { databaseParams } from "${dist}store/params.js";
  import { realEffects } from "${dist}core/effects.js";
  const options = { root: ${JSON.stringify(root)}, env: {}, params: databaseParams.parse({}) };
  const database = await openDatabase({ ...options, effects: realEffects });
  const rows = await database.kysely.selectFrom("experiments").select("name").execute();
  if (rows.length !== 1) throw new Error("expected one experiment");
  const answered = process.uptime();
  await database.close();
  console.log(answered);`;

/** Milliseconds from the start of the process to the answer. */
function run(script: string): number {
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    ["--input-type=module", "-e", script],
    { encoding: "utf8", cwd: new URL("..", import.meta.url) },
  );
  if (status !== 0) throw new Error(stderr);
  return 1000 * Number(stdout);
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

try {
  const firstStartMs = run(OURS);
  const bare: number[] = [];
  const ours: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    bare.push(run(BARE));
    ours.push(run(OURS));
  }
  reportBench("open-database", [
    {
      case: "open an existing embedded database and answer a query, new process",
      ours: { ms: Math.round(median(ours)), first_start_ms: Math.round(firstStartMs) },
      peer: { name: "PGlite alone on the same folder", ms: Math.round(median(bare)) },
      figure: Number((median(ours) / median(bare)).toFixed(2)),
      bar: { op: "<=", value: 2 },
    },
  ]);
} finally {
  rmSync(root, { recursive: true, force: true });
}
