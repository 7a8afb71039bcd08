import { type RawBuilder, sql } from "kysely";
import type { Database } from "../store/database.ts";
import { PREPARED } from "../store/prepared.ts";
import { assertActiveRun, noRun } from "./active-run.ts";
import type { LifecycleStage } from "./experiments.ts";
import { activeRun, RUN_NAME_TAG, runIsActive } from "./log-batch.ts";
import {
  RUN_INFO_COLUMNS,
  type RunInfo,
  type RunInfoRow,
  type RunStatus,
  toRunInfo,
} from "./run-queries.ts";

export type RunChanges = Readonly<{
  status?: RunStatus | undefined;
  endedAt?: Date | undefined;
  /** An empty one changes nothing. */
  name?: string | undefined;
}>;

/** What is written beside a change, for the rows of it. */
type Note = (from: RawBuilder<unknown>) => RawBuilder<unknown>;

/** What the stream says of a run, by the columns of a changed one. */
export const RUN_EVENT_DATA = sql`jsonb_build_object('run_id', run_id,
  'experiment_id', experiment_id::text, 'run_name', run_name, 'status', status)`;

/** Changes an active run; a new name is also its tag. */
export async function changeRun(
  db: Database,
  runId: string,
  { status, endedAt, name }: RunChanges,
  notes: Readonly<{ renamed: Note; moved: Note }>,
): Promise<RunInfo> {
  const parts = [
    sql`changed AS (
      UPDATE duetmind.runs SET status = coalesce(${status ?? null}::text, status),
        ended_at = coalesce(${endedAt ?? null}::timestamptz, ended_at),
        run_name = coalesce(${name || null}::text, run_name)
      WHERE run_id = ${runId}::text AND ${runIsActive} RETURNING *)`,
  ];
  if (name) {
    parts.push(
      sql`tagged AS (
        INSERT INTO duetmind.tags (run_id, key, value)
        SELECT run_id, ${RUN_NAME_TAG}, run_name FROM changed
        ON CONFLICT (run_id, key) DO UPDATE SET value = excluded.value)`,
      sql`audited AS (${notes.renamed(sql`changed`)})`,
    );
  }
  if (status !== undefined) parts.push(sql`told AS (${notes.moved(sql`changed`)})`);
  const { rows } = await sql<RunInfoRow & Readonly<{ stage: LifecycleStage }>>`${PREPARED}
      WITH ${sql.join([activeRun(runId), ...parts])}
    SELECT run.lifecycle_stage AS stage, ${RUN_INFO_COLUMNS}
    FROM run LEFT JOIN changed AS r ON true`.execute(db);
  assertActiveRun(runId, rows[0]?.stage);
  return toRunInfo(rows[0]!);
}

/** Deletes a run softly, or brings it back; nothing happens to one that is there already. */
export async function moveRun(
  db: Database,
  runId: string,
  to: LifecycleStage,
  at: Date,
  audit: Note,
): Promise<void> {
  const { rows } = await sql`
    WITH moved AS (
      UPDATE duetmind.runs SET lifecycle_stage = ${to}::text,
        deleted_at = ${to === "deleted" ? at : null}::timestamptz
      WHERE run_id = ${runId}::text AND lifecycle_stage <> ${to}::text RETURNING run_id
    ), audited AS (${audit(sql`moved`)})
    SELECT FROM duetmind.runs WHERE run_id = ${runId}::text`.execute(db);
  if (rows.length === 0) throw noRun(runId);
}

/** Takes a tag off an active run; false when it has none of that key. */
export async function removeTag(db: Database, runId: string, key: string): Promise<boolean> {
  const { rows } = await sql<
    Readonly<{ lifecycle_stage: LifecycleStage; removed: number }>
  >`${PREPARED}
      WITH ${activeRun(runId)}, gone AS (
      DELETE FROM duetmind.tags
      WHERE run_id = ${runId}::text AND key = ${key}::text AND ${runIsActive} RETURNING key
    )
    SELECT lifecycle_stage, (SELECT count(*) FROM gone) AS removed FROM run`.execute(db);
  assertActiveRun(runId, rows[0]?.lifecycle_stage);
  return rows[0]!.removed > 0;
}
