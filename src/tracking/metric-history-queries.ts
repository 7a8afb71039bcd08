import { type RawBuilder, sql } from "kysely";
import type { Int64 } from "../core/int64.ts";
import {
  type PositionText,
  planSegments,
  type SortColumn,
  selectPosition,
  toPosition,
} from "../search/keyset.ts";
import { decodePageToken, encodePageToken } from "../search/page-token.ts";
import type { Database } from "../store/database.ts";
import { PREPARED } from "../store/prepared.ts";

/** Points as the text of a JSON list of `{key, value, timestamp, step}`; null for none. */
export type HistoryPage = Readonly<{ points: string | null; nextPageToken: string | null }>;

export type HistoryRequest = Readonly<{
  runId: string;
  key: string;
  /** All of them where it is undefined. */
  maxResults: number | undefined;
  pageToken: string | undefined;
}>;

/** A value as a history sorts it: NaN counts as 0, and two such points come in the order of the index. */
const SORTED_VALUE = sql`coalesce(nullif(value, 'NaN'), 0)`;
const ORDER: readonly SortColumn[] = [
  { sql: sql`timestamp_ms`, type: "whole" },
  { sql: sql`step`, type: "whole" },
  { sql: SORTED_VALUE, type: "number" },
  { sql: sql`value`, type: "number", mayBeNaN: true },
].map(
  (column) => ({ mayBeNull: false, mayBeNaN: false, direction: "asc", ...column }) as SortColumn,
);

/** A page of a metric's points by time, step and value. */
export async function readHistory(db: Database, request: HistoryRequest): Promise<HistoryPage> {
  const { runId, key, maxResults, pageToken } = request;
  const query = ["history", runId, key];
  const after = pageToken === undefined ? undefined : decodePageToken(pageToken, query, ORDER);
  const segment = planSegments(ORDER, after)[0]!;
  const points = (limit: RawBuilder<unknown>) => sql`
    SELECT timestamp_ms, step, value FROM duetmind.metrics
    WHERE run_id = ${runId}::text AND key = ${key}::text AND ${segment.where}
    ORDER BY ${segment.orderBy} ${limit}`;
  const limit = maxResults === undefined ? sql`` : sql`LIMIT ${maxResults}`;
  const { rows } = await sql<Readonly<{ count: number; text: string | null }>>`
    SELECT count(*) AS count, '[' || string_agg(${pointText(key)} || '}', ',') || ']' AS text
    FROM (${points(limit)}) AS p`.execute(db);
  const { count, text } = rows[0]!;
  if (maxResults === undefined || count < maxResults) return { points: text, nextPageToken: null };
  const edge = await sql<Readonly<{ position: PositionText }>>`
    SELECT ${selectPosition(ORDER)} AS position
    FROM (${points(sql`OFFSET ${maxResults - 1} LIMIT 2`)}) AS p`.execute(db);
  const last = edge.rows[0];
  const more = last !== undefined && edge.rows.length === 2;
  return {
    points: text,
    nextPageToken: more ? encodePageToken(query, toPosition(last.position)) : null,
  };
}

/** The points of one metric of several runs, one run after the other; each says which run's it is. */
export async function readHistories(
  db: Database,
  runIds: readonly string[],
  key: string,
  maxResults: number,
): Promise<string | null> {
  const { rows } = await sql<Readonly<{ text: string | null }>>`
    SELECT '[' || string_agg(${pointText(key)} || ${RUN_TEXT}, ',') || ']' AS text
    FROM (SELECT run_id, timestamp_ms, step, value FROM duetmind.metrics
      WHERE run_id = ANY (${runIds}::text[]) AND key = ${key}::text
      ORDER BY run_id, timestamp_ms, step, ${SORTED_VALUE}, value LIMIT ${maxResults}) AS p`.execute(
    db,
  );
  return rows[0]!.text;
}

export type IntervalRequest = Readonly<{
  runIds: readonly string[];
  key: string;
  /** Steps from and to, both included; all where it is undefined. */
  steps: readonly [Int64, Int64] | undefined;
  /** For each run. */
  maxResults: number;
}>;

/**
 * Points of one metric of several runs, by step, thinned out for a chart: of a run with too many, the
 * first row of each of as many parts of one size, the longer ones first, as NTILE makes them; of the last
 * part its last row. Rows are counted, not steps: a metric that never named a step has one for all.
 *
 * The sorted rows are kept as their places in the table, from which those few of them are read again: to
 * keep a list for each column takes longer than the sort.
 */
export async function sampleHistories(
  db: Database,
  { runIds, key, steps, maxResults }: IntervalRequest,
): Promise<string | null> {
  const [from, to] = steps ?? [null, null];
  const inSteps = steps && sql`AND step BETWEEN ${from}::bigint AND ${to}::bigint`;
  const { rows } = await sql<Readonly<{ text: string | null }>>`${PREPARED}
    WITH series AS (
      SELECT r.run_id, s.* FROM (
        SELECT run_id FROM unnest(${runIds}::text[]) WITH ORDINALITY AS n(run_id, nr)
        GROUP BY run_id ORDER BY min(nr)
      ) AS r, LATERAL (
        SELECT array_agg(place) AS places, count(*) AS size
        FROM (SELECT ctid AS place FROM duetmind.metrics AS m
          WHERE m.run_id = r.run_id AND key = ${key}::text ${inSteps ?? sql``}
          ORDER BY step, timestamp_ms, ${SORTED_VALUE}, value) AS p
      ) AS s
    ), kept AS (
      SELECT s.run_id, m.step, m.timestamp_ms, m.value
      FROM (SELECT * FROM series OFFSET 0) AS s,
        LATERAL (SELECT CASE WHEN i = least(size, ${maxResults}::bigint) THEN size
          ELSE 1 + (i - 1) * (size / ${maxResults}) + least(i - 1, size % ${maxResults}) END AS at
          FROM generate_series(1, least(size, ${maxResults})) AS i) AS n,
        LATERAL (SELECT * FROM duetmind.metrics WHERE ctid = places[at] OFFSET 0) AS m
    )
    SELECT '[' || string_agg(${pointText(key)} || ${RUN_TEXT}, ',') || ']' AS text
    FROM kept`.execute(db);
  return rows[0]!.text;
}

/** JSON has no NaN and no infinities: they are written as strings. */
function pointText(key: string): RawBuilder<unknown> {
  return sql`${`{"key":${JSON.stringify(key)},"value":`}::text
    || CASE WHEN abs(value) < 'Infinity' THEN value::text ELSE '"' || value || '"' END
    || ',"timestamp":' || timestamp_ms || ',"step":' || step`;
}

/** A run's id needs no escape. */
const RUN_TEXT = sql`',"run_id":"' || run_id || '"}'`;
