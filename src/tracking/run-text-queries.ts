import { type RawBuilder, sql } from "kysely";
import type { Database } from "../store/database.ts";
import { PREPARED } from "../store/prepared.ts";
import { RUN_INFO_COLUMNS, type RunInfo, type RunInfoRow, toRunInfo } from "./run-queries.ts";

/**
 * What was logged to a run, each kind as the text of a JSON list, null where it is empty; of each metric
 * the latest point. PostgreSQL writes the texts and a reply holds them as they are: reading a row for
 * each metric, param and tag and writing it again costs four times the time.
 */
export type RunTexts = Readonly<{
  /** `{key, value, timestamp, step}`; NaN and infinities are strings. */
  metrics: string | null;
  /** `{key, value}` */
  params: string | null;
  tags: string | null;
  /** `{tags, dataset: {name, digest, source_type, source, schema, profile}}` */
  datasetInputs: string | null;
  /** `{model_id}` */
  modelInputs: string | null;
  /** `{model_id, step}` */
  modelOutputs: string | null;
}>;

export type Run = RunInfo & Readonly<{ texts: RunTexts }>;

export type TextRow = Readonly<{
  metrics: string | null;
  params: string | null;
  tags: string | null;
  dataset_inputs: string | null;
  model_inputs: string | null;
  model_outputs: string | null;
}>;

/** A run with what was logged to it; undefined when there is none. */
export async function readRun(db: Database, runId: string): Promise<Run | undefined> {
  const { rows } = await sql<RunInfoRow & TextRow>`${PREPARED}
      SELECT ${RUN_INFO_COLUMNS}, ${TEXT_COLUMNS}
    FROM duetmind.runs AS r WHERE r.run_id = ${runId}::text`.execute(db);
  return rows[0] && toRun(rows[0]);
}

/** Runs that were found, with what was logged to each; to one that is gone meanwhile, nothing. */
export async function withTexts(db: Database, found: readonly RunInfoRow[]): Promise<Run[]> {
  if (found.length === 0) return [];
  const ids = found.map((row) => row.run_id);
  const { rows } = await sql<TextRow & Readonly<{ run_id: string }>>`${PREPARED}
      SELECT r.run_id, ${TEXT_COLUMNS} FROM unnest(${ids}::text[]) AS r(run_id)`.execute(db);
  const byId = new Map(rows.map((row) => [row.run_id, row]));
  return found.map((row) => ({ ...toRunInfo(row), texts: toTexts(byId.get(row.run_id)!) }));
}

export function toRun(row: RunInfoRow & TextRow): Run {
  return { ...toRunInfo(row), texts: toTexts(row) };
}

function toTexts(row: TextRow): RunTexts {
  return {
    metrics: row.metrics,
    params: row.params,
    tags: row.tags,
    datasetInputs: row.dataset_inputs,
    modelInputs: row.model_inputs,
    modelOutputs: row.model_outputs,
  };
}

const ENTRY = sql`'{"key":', to_json(key), ',"value":', to_json(value)`;

/**
 * What was logged to a run, whose table or query is named `r`. Joined as texts, all parts of an entry at
 * once: the functions that build JSON take twice as long, and `||` copies the entry for each part.
 */
export const TEXT_COLUMNS = sql`
  (SELECT '[' || string_agg(
      concat(${ENTRY}, ',"timestamp":', timestamp_ms, ',"step":', step, '}'), ',' ORDER BY key) || ']'
    FROM duetmind.latest_metrics AS m WHERE m.run_id = r.run_id) AS metrics,
  (SELECT '[' || string_agg(concat(${ENTRY}, '}'), ',' ORDER BY key) || ']'
    FROM duetmind.params AS p WHERE p.run_id = r.run_id) AS params,
  (SELECT '[' || string_agg(concat(${ENTRY}, '}'), ',' ORDER BY key) || ']'
    FROM duetmind.tags AS t WHERE t.run_id = r.run_id) AS tags,
  ${ifAny(sql`duetmind.inputs`)} (SELECT json_agg(json_strip_nulls(json_build_object(
      'tags', (SELECT json_agg(json_build_object('key', t.key, 'value', t.value) ORDER BY t.key)
        FROM duetmind.input_tags AS t WHERE t.input_id = i.id),
      'dataset', json_build_object('name', d.name, 'digest', d.digest, 'source_type', d.source_type,
        'source', d.source, 'schema', d.schema, 'profile', d.profile)
    )) ORDER BY d.name, d.digest)::text
    FROM duetmind.inputs AS i JOIN duetmind.datasets AS d ON d.id = i.dataset_id
    WHERE i.run_id = r.run_id) END AS dataset_inputs,
  ${ifAny(sql`duetmind.model_inputs`)} (
    SELECT json_agg(json_build_object('model_id', m.model_id) ORDER BY m.model_id)::text
    FROM duetmind.model_inputs AS m WHERE m.run_id = r.run_id) END AS model_inputs,
  ${ifAny(sql`duetmind.model_outputs`)} (SELECT
      json_agg(json_build_object('model_id', m.model_id, 'step', m.step) ORDER BY m.model_id)::text
    FROM duetmind.model_outputs AS m WHERE m.run_id = r.run_id) END AS model_outputs`;

/** Most runs have none of these: to find that out takes a third of the time that an empty list does. */
function ifAny(table: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`CASE WHEN EXISTS (SELECT FROM ${table} AS x WHERE x.run_id = r.run_id) THEN`;
}
