import { sql } from "kysely";
import { DuetMindError } from "../core/errors.ts";
import type { Database } from "../store/database.ts";
import { cutText, MAX_PARAM_VALUE, MAX_TAG_VALUE } from "./limits.ts";
import { latestPoints, type MetricPoint } from "./metric-point.ts";

export type Entry = Readonly<{ key: string; value: string }>;

export type Batch = Readonly<{
  params?: readonly Entry[];
  metrics?: readonly MetricPoint[];
  tags?: readonly Entry[];
}>;

/**
 * Writes params, metrics and tags of a run; call it in a transaction. Params are write-once (the same
 * value again is fine), a metric point that comes twice is stored once, the last tag wins. Keys are
 * written in sorted order, so that two writers on one run cannot wait for each other.
 */
export async function logBatch(db: Database, runId: string, batch: Batch): Promise<void> {
  await writeParams(db, runId, batch.params ?? []);
  await writeMetrics(db, runId, batch.metrics ?? []);
  await writeTags(db, runId, batch.tags ?? []);
}

async function writeParams(db: Database, runId: string, params: readonly Entry[]): Promise<void> {
  if (params.length === 0) return;
  const sorted = byKey(params).map(({ key, value }) => ({
    key,
    value: cutText(value, MAX_PARAM_VALUE),
  }));
  const keys = sorted.map(({ key }) => key);
  const values = sorted.map(({ value }) => value);
  await sql`
    INSERT INTO duetmind.params (run_id, key, value)
    SELECT ${runId}::text, key, value FROM unnest(${keys}::text[], ${values}::text[]) AS n(key, value)
    ON CONFLICT (run_id, key) DO NOTHING`.execute(db);
  const changed = await sql<{ key: string; was: string; value: string }>`
    SELECT p.key, p.value AS was, n.value
    FROM unnest(${keys}::text[], ${values}::text[]) AS n(key, value)
    JOIN duetmind.params p ON p.run_id = ${runId}::text AND p.key = n.key
    WHERE p.value <> n.value ORDER BY p.key LIMIT 1`.execute(db);
  const first = changed.rows[0];
  if (first === undefined) return;
  throw new DuetMindError(
    "CONFLICT",
    `run ${runId}: param ${first.key}: expected "${first.was}", got "${first.value}": a param is written once`,
  );
}

async function writeMetrics(
  db: Database,
  runId: string,
  points: readonly MetricPoint[],
): Promise<void> {
  if (points.length === 0) return;
  const sorted = byKey(points);
  await sql`
    INSERT INTO duetmind.metrics (run_id, key, timestamp_ms, step, value)
    SELECT ${runId}::text, * FROM unnest(${sorted.map((p) => p.key)}::text[],
      ${sorted.map((p) => p.timestampMs)}::bigint[], ${sorted.map((p) => p.step)}::bigint[],
      ${sorted.map((p) => p.value)}::double precision[])
    ON CONFLICT DO NOTHING`.execute(db);
  const latest = latestPoints(points);
  await sql`
    INSERT INTO duetmind.latest_metrics AS known (run_id, key, timestamp_ms, step, value)
    SELECT ${runId}::text, * FROM unnest(${latest.map((p) => p.key)}::text[],
      ${latest.map((p) => p.timestampMs)}::bigint[], ${latest.map((p) => p.step)}::bigint[],
      ${latest.map((p) => p.value)}::double precision[])
    ON CONFLICT (run_id, key) DO UPDATE
    SET timestamp_ms = excluded.timestamp_ms, step = excluded.step, value = excluded.value
    WHERE (excluded.step, excluded.timestamp_ms, coalesce(nullif(excluded.value, 'NaN'), 0))
        > (known.step, known.timestamp_ms, coalesce(nullif(known.value, 'NaN'), 0))`.execute(db);
}

async function writeTags(db: Database, runId: string, tags: readonly Entry[]): Promise<void> {
  if (tags.length === 0) return;
  const last = byKey([...new Map(tags.map((tag) => [tag.key, tag])).values()]);
  await sql`
    INSERT INTO duetmind.tags (run_id, key, value)
    SELECT ${runId}::text, * FROM unnest(${last.map(({ key }) => key)}::text[],
      ${last.map(({ value }) => cutText(value, MAX_TAG_VALUE))}::text[])
    ON CONFLICT (run_id, key) DO UPDATE SET value = excluded.value`.execute(db);
}

function byKey<T extends Readonly<{ key: string }>>(entries: readonly T[]): T[] {
  return entries.toSorted((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
}
