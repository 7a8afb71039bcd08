import { type RawBuilder, sql } from "kysely";
import type { Digest } from "../core/hash.ts";
import type { Database } from "../store/database.ts";
import { PREPARED } from "../store/prepared.ts";
import type { LifecycleStage } from "./experiments.ts";
import type { Entry } from "./log-batch.ts";

export type RunStatus = "RUNNING" | "SCHEDULED" | "FINISHED" | "FAILED" | "KILLED";

/** A run without what was logged to it. */
export type RunInfo = Readonly<{
  runId: string;
  experimentId: number;
  name: string;
  user: string;
  status: RunStatus;
  lifecycleStage: LifecycleStage;
  artifactUri: string;
  startedAt: Date | null;
  endedAt: Date | null;
}>;

export type NewRun = Readonly<{
  runId: string;
  experimentId: number;
  name: string;
  user: string;
  status: RunStatus;
  startedAt: Date | null;
  endedAt: Date | null;
  recordDigest: Digest | null;
}>;

/** Makes a run below its experiment's artifact location; false when there is no such active experiment. */
export async function insertRun(
  db: Database,
  run: NewRun,
  tags: readonly Entry[] = [],
  audit?: (from: RawBuilder<unknown>) => RawBuilder<unknown>,
): Promise<RunInfo | undefined> {
  const parts = [insertedRun(run)];
  if (tags.length > 0) {
    parts.push(sql`tagged AS (
      INSERT INTO duetmind.tags (run_id, key, value)
      SELECT made.run_id, n.* FROM made, unnest(${tags.map(({ key }) => key)}::text[],
        ${tags.map(({ value }) => value)}::text[]) AS n)`);
  }
  if (audit !== undefined) parts.push(sql`audited AS (${audit(sql`made`)})`);
  const { rows } = await sql<RunInfoRow>`${PREPARED}
      WITH ${sql.join(parts)} SELECT ${RUN_INFO_COLUMNS} FROM made AS r`.execute(db);
  return rows[0] && toRunInfo(rows[0]);
}

function insertedRun(run: NewRun): RawBuilder<unknown> {
  return sql`made AS (
    INSERT INTO duetmind.runs (run_id, experiment_id, run_name, user_id, status, artifact_uri,
      started_at, ended_at, record_digest)
    SELECT ${run.runId}::text, experiment_id, ${run.name}::text, ${run.user}::text,
      ${run.status}::text, rtrim(artifact_location, '/') || '/' || ${run.runId}::text || '/artifacts',
      ${run.startedAt}::timestamptz, ${run.endedAt}::timestamptz, ${run.recordDigest}::text
    FROM duetmind.experiments
    WHERE experiment_id = ${run.experimentId}::bigint AND lifecycle_stage = 'active'
    RETURNING *)`;
}

/** The columns of a run, whose table or query is named `r`. */
export const RUN_INFO_COLUMNS = sql`r.run_id, r.experiment_id, r.run_name, r.user_id, r.status,
  r.lifecycle_stage, r.artifact_uri, r.started_at, r.ended_at`;

export type RunInfoRow = Readonly<{
  run_id: string;
  experiment_id: number;
  run_name: string;
  user_id: string;
  status: RunStatus;
  lifecycle_stage: LifecycleStage;
  artifact_uri: string;
  started_at: Date | null;
  ended_at: Date | null;
}>;

export function toRunInfo(row: RunInfoRow): RunInfo {
  return {
    runId: row.run_id,
    experimentId: row.experiment_id,
    name: row.run_name,
    user: row.user_id,
    status: row.status,
    lifecycleStage: row.lifecycle_stage,
    artifactUri: row.artifact_uri,
    startedAt: row.started_at,
    endedAt: row.ended_at,
  };
}
