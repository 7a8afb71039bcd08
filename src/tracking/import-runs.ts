import { sql } from "kysely";
import type { Clock } from "../core/clock.ts";
import type { OpenedDatabase } from "../store/database.ts";
import type { LifecycleStage } from "./experiments.ts";
import {
  IMPORTED,
  IMPORTED_FROM,
  type Imported,
  type ImportState,
  importedOf,
} from "./import-marks.ts";
import { logInputs, type RunInput } from "./input-queries.ts";
import { type Entry, logBatch } from "./log-batch.ts";
import type { MetricPoint } from "./metric-point.ts";
import { logModelInputs, logModelOutputs, type ModelOutput } from "./run-link-queries.ts";
import type { RunStatus } from "./run-queries.ts";

/** A run of another server, as it becomes ours: its id stays, its experiment is one of ours. */
export type ForeignRun = Readonly<{
  runId: string;
  experimentId: string;
  name: string;
  user: string;
  status: RunStatus;
  startedAt: Date;
  endedAt: Date | null;
  /** Where its files stay; null where they come here too. */
  artifactUri: string | null;
  params: readonly Entry[];
  tags: readonly Entry[];
  datasets: readonly RunInput[];
  modelInputs: readonly string[];
  modelOutputs: readonly ModelOutput[];
}>;

/** Takes runs of another server, each step of which may be done again. */
export type RunImport = Readonly<{
  /** Of those that are here. */
  find(runIds: readonly string[]): Promise<ReadonlyMap<string, Imported>>;
  /** All of a run but the points of its metrics; it is active until it is finished. */
  begin(run: ForeignRun, origin: string): Promise<void>;
  /** Points that are here already stay. */
  addPoints(runId: string, points: readonly MetricPoint[]): Promise<void>;
  countPoints(runId: string): Promise<number>;
  /** Gives a run its stage; `state` says what is here of it for good. */
  finish(runId: string, stage: LifecycleStage, state: ImportState | undefined): Promise<void>;
}>;

export function createRunImport(database: OpenedDatabase, clock: Clock): RunImport {
  const { kysely } = database;
  return {
    async find(runIds) {
      const { rows } = await sql<{ run_id: string; tags: readonly Entry[] }>`
        SELECT r.run_id, (SELECT coalesce(json_agg(json_build_object('key', t.key, 'value', t.value)), '[]')
          FROM duetmind.tags AS t
          WHERE t.run_id = r.run_id AND t.key IN (${IMPORTED}, ${IMPORTED_FROM})) AS tags
        FROM duetmind.runs AS r WHERE r.run_id = ANY (${runIds}::text[])`.execute(kysely);
      return new Map(rows.map((row) => [row.run_id, importedOf(row.tags)]));
    },
    begin: (run, origin) =>
      database.transaction(async (db) => {
        await sql`
          INSERT INTO duetmind.runs (run_id, experiment_id, run_name, user_id, status, artifact_uri,
            started_at, ended_at)
          SELECT ${run.runId}::text, experiment_id, ${run.name}::text, ${run.user}::text,
            ${run.status}::text,
            coalesce(${run.artifactUri}::text,
              rtrim(artifact_location, '/') || '/' || ${run.runId}::text || '/artifacts'),
            ${run.startedAt}::timestamptz, ${run.endedAt}::timestamptz
          FROM duetmind.experiments WHERE experiment_id = ${run.experimentId}::bigint
          ON CONFLICT (run_id) DO UPDATE SET run_name = excluded.run_name,
            user_id = excluded.user_id, status = excluded.status, ended_at = excluded.ended_at,
            lifecycle_stage = 'active', deleted_at = NULL`.execute(db);
        const mark = { key: IMPORTED_FROM, value: origin };
        await logBatch(db, run.runId, { params: run.params, tags: [...run.tags, mark] });
        const place = { runId: run.runId, experimentId: Number(run.experimentId) };
        await logInputs(db, place, run.datasets, clock);
        await logModelInputs(db, run.runId, run.modelInputs);
        await logModelOutputs(db, run.runId, run.modelOutputs);
      }),
    async addPoints(runId, metrics) {
      await logBatch(kysely, runId, { metrics });
    },
    async countPoints(runId) {
      const { count } = await kysely
        .selectFrom("metrics")
        .select((row) => row.fn.countAll().as("count"))
        .where("run_id", "=", runId)
        .executeTakeFirstOrThrow();
      return Number(count);
    },
    finish: (runId, stage, state) =>
      database.transaction(async (db) => {
        if (state !== undefined) {
          await logBatch(db, runId, { tags: [{ key: IMPORTED, value: state }] });
        }
        await db
          .updateTable("runs")
          .set({ lifecycle_stage: stage, deleted_at: stage === "deleted" ? clock.now() : null })
          .where("run_id", "=", runId)
          .execute();
      }),
  };
}
