import { sql } from "kysely";
import type { Database } from "../store/database.ts";
import type { MetricPoint } from "./metric-point.ts";

export type RunDetails = Readonly<{
  run_id: string;
  experiment: string;
  name: string;
  user: string;
  status: string;
  started_at: Date | null;
  ended_at: Date | null;
  params: Readonly<Record<string, string>>;
  metrics: Readonly<Record<string, number>>;
  tags: Readonly<Record<string, string>>;
  inputs: readonly Readonly<{ name: string; digest: string; context: string | null }>[];
}>;

/** A run with its params, latest metrics, tags and dataset inputs; undefined when there is none. */
export async function findRun(db: Database, runId: string): Promise<RunDetails | undefined> {
  const run = await db
    .selectFrom("runs as r")
    .innerJoin("experiments as e", "e.experiment_id", "r.experiment_id")
    .select(["r.run_name", "r.user_id", "r.status", "r.started_at", "r.ended_at"])
    .select("e.name as experiment")
    .where("r.run_id", "=", runId)
    .executeTakeFirst();
  if (run === undefined) return undefined;
  const params = await keyValues(db, "params", runId);
  const tags = await keyValues(db, "tags", runId);
  const metrics = await db
    .selectFrom("latest_metrics")
    .select(["key", "value"])
    .where("run_id", "=", runId)
    .orderBy("key")
    .execute();
  return {
    run_id: runId,
    experiment: run.experiment,
    name: run.run_name,
    user: run.user_id,
    status: run.status,
    started_at: run.started_at,
    ended_at: run.ended_at,
    params,
    metrics: Object.fromEntries(metrics.map(({ key, value }) => [key, value])),
    tags,
    inputs: await inputsOf(db, runId),
  };
}

/** Every point of one metric, in MLflow's order of a history: time, step, value, NaN counting as 0. */
export async function metricHistory(
  db: Database,
  runId: string,
  key: string,
): Promise<MetricPoint[]> {
  const rows = await db
    .selectFrom("metrics")
    .select(["timestamp_ms", "step", "value"])
    .where("run_id", "=", runId)
    .where("key", "=", key)
    .orderBy("timestamp_ms")
    .orderBy("step")
    .orderBy(sql`coalesce(nullif(value, 'NaN'), 0)`)
    .execute();
  return rows.map((row) => ({
    key,
    value: row.value,
    timestampMs: row.timestamp_ms,
    step: row.step,
  }));
}

async function keyValues(
  db: Database,
  table: "params" | "tags",
  runId: string,
): Promise<Record<string, string>> {
  const rows = await db
    .selectFrom(table)
    .select(["key", "value"])
    .where("run_id", "=", runId)
    .orderBy("key")
    .execute();
  return Object.fromEntries(rows.map(({ key, value }) => [key, value]));
}

function inputsOf(db: Database, runId: string) {
  return db
    .selectFrom("inputs as i")
    .innerJoin("datasets as d", "d.id", "i.dataset_id")
    .leftJoin("input_tags as t", (join) =>
      join.onRef("t.input_id", "=", "i.id").on("t.key", "=", "mlflow.data.context"),
    )
    .select(["d.name", "d.digest", "t.value as context"])
    .where("i.run_id", "=", runId)
    .orderBy("d.name")
    .orderBy("d.digest")
    .execute();
}
