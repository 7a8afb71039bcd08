import pg from "pg";
import { migrateUp } from "../src/store/migrate.ts";

/** What each run of the bench has: 5 metrics of a point each, 4 params, 4 tags. */
const METRICS = 5;
const PARAMS = 4;
const TAGS = 4;
/** Runs go round the experiments 1, 2 and 3. */
export const EXPERIMENTS = [1, 2, 3] as const;

const FIRST_MS = Date.parse("2026-01-01T00:00:00Z");
const BATCH = 100_000;

/**
 * Makes a migrated database of the server at `url` with so many runs; gives its address. A run starts
 * each 10 s, with an id as the server makes them: milliseconds, then random digits. Every metric is
 * uniform in 0…1, every param and tag one of `v0` … `v99`; one run in 50 is deleted.
 */
export async function makeRuns(url: string, count: number): Promise<string> {
  const name = `runs_${count}`;
  const server = new pg.Client(url);
  await server.connect();
  await server.query(`CREATE DATABASE ${name}`);
  await server.end();
  const address = new URL(url);
  address.pathname = `/${name}`;
  const client = new pg.Client(address.href);
  await client.connect();
  try {
    await migrateUp(client, new Date(FIRST_MS));
    await client.query("SELECT setseed(0.42)");
    await client.query(
      `INSERT INTO duetmind.experiments
        (experiment_id, name, artifact_location, created_at, updated_at)
      SELECT e, 'scale ' || e, 'mlflow-artifacts:/' || e, to_timestamp($1), to_timestamp($1)
      FROM unnest($2::bigint[]) AS e`,
      [FIRST_MS / 1000, EXPERIMENTS],
    );
    // The rows keep every rule of the tables, so the triggers of the foreign keys may rest.
    await client.query("SET session_replication_role = replica; SET synchronous_commit = off");
    for (let first = 0; first < count; first += BATCH) {
      await insertRuns(client, first, Math.min(first + BATCH, count) - 1);
    }
    await client.query("VACUUM ANALYZE");
  } finally {
    await client.end();
  }
  return address.href;
}

async function insertRuns(client: pg.Client, first: number, last: number): Promise<void> {
  await client.query(`CREATE TEMPORARY TABLE made ON COMMIT PRESERVE ROWS AS
    SELECT i, ms, lpad(to_hex(ms), 12, '0') || substr(md5(i::text), 1, 20) AS run_id
    FROM (SELECT i, ${FIRST_MS}::bigint + 10000 * i AS ms
      FROM generate_series(${first}::bigint, ${last}) AS i) AS n ORDER BY i`);
  await client.query(`INSERT INTO duetmind.runs (run_id, experiment_id, run_name, user_id, status,
      lifecycle_stage, artifact_uri, started_at, ended_at, deleted_at)
    SELECT run_id, 1 + i % ${EXPERIMENTS.length}, 'run-' || i, 'user' || i % 20,
      CASE WHEN i % 10 = 7 THEN 'FAILED' ELSE 'FINISHED' END,
      CASE WHEN i % 50 = 3 THEN 'deleted' ELSE 'active' END,
      'mlflow-artifacts:/' || 1 + i % ${EXPERIMENTS.length} || '/' || run_id || '/artifacts',
      to_timestamp(ms / 1000.0), to_timestamp(ms / 1000.0) + random() * interval '1 hour',
      CASE WHEN i % 50 = 3 THEN to_timestamp(ms / 1000.0) + interval '1 day' END
    FROM made ORDER BY i`);
  await client.query(`WITH latest AS (
      INSERT INTO duetmind.latest_metrics (run_id, key, value, timestamp_ms, step)
      SELECT run_id, 'm' || k, random(), ms + k, 10
      FROM made, generate_series(1, ${METRICS}) AS k ORDER BY i, k RETURNING *)
    INSERT INTO duetmind.metrics (run_id, key, timestamp_ms, step, value)
    SELECT run_id, key, timestamp_ms, step, value FROM latest`);
  for (const [table, letter, keys] of [
    ["params", "p", PARAMS],
    ["tags", "t", TAGS],
  ] as const) {
    await client.query(`INSERT INTO duetmind.${table} (run_id, key, value)
      SELECT run_id, '${letter}' || k, 'v' || floor(random() * 100)
      FROM made, generate_series(1, ${keys}) AS k ORDER BY i, k`);
  }
  await client.query("DROP TABLE made");
}
