import type { DatasetInput } from "../client/create-tracking-client.ts";
import type { Database } from "../store/database.ts";
import type { MetricPoint } from "./metric-point.ts";
import type { RunStatus } from "./run-queries.ts";

/** A run as another server is told of it. */
export type MirroredRun = Readonly<{
  runId: string;
  experimentId: number;
  experiment: string;
  name: string;
  user: string;
  status: RunStatus;
  startedAt: Date | null;
  endedAt: Date | null;
  params: Readonly<Record<string, string>>;
  tags: Readonly<Record<string, string>>;
  /** Every point of every metric. */
  metrics: readonly MetricPoint[];
  datasets: readonly DatasetInput[];
}>;

export async function readMirroredRun(
  db: Database,
  runId: string,
): Promise<MirroredRun | undefined> {
  const run = await db
    .selectFrom("runs as r")
    .innerJoin("experiments as e", "e.experiment_id", "r.experiment_id")
    .select(["r.experiment_id", "r.run_name", "r.user_id", "r.status", "r.started_at"])
    .select(["r.ended_at", "e.name as experiment"])
    .where("r.run_id", "=", runId)
    .executeTakeFirst();
  if (run === undefined) return undefined;
  const entriesOf = async (table: "params" | "tags") => {
    const rows = await db
      .selectFrom(table)
      .select(["key", "value"])
      .where("run_id", "=", runId)
      .orderBy("key")
      .execute();
    return Object.fromEntries(rows.map(({ key, value }) => [key, value]));
  };
  const points = await db
    .selectFrom("metrics")
    .select(["key", "value", "timestamp_ms", "step"])
    .where("run_id", "=", runId)
    .orderBy("key")
    .orderBy("timestamp_ms")
    .orderBy("step")
    .execute();
  return {
    runId,
    experimentId: run.experiment_id,
    experiment: run.experiment,
    name: run.run_name,
    user: run.user_id,
    status: run.status as RunStatus,
    startedAt: run.started_at,
    endedAt: run.ended_at,
    params: await entriesOf("params"),
    tags: await entriesOf("tags"),
    metrics: points.map(({ timestamp_ms, ...point }) => ({ ...point, timestampMs: timestamp_ms })),
    datasets: await datasetsOf(db, runId),
  };
}

async function datasetsOf(db: Database, runId: string): Promise<MirroredRun["datasets"]> {
  const inputs = await db
    .selectFrom("inputs as i")
    .innerJoin("datasets as d", "d.id", "i.dataset_id")
    .select(["i.id", "d.name", "d.digest", "d.source_type", "d.source", "d.schema", "d.profile"])
    .where("i.run_id", "=", runId)
    .orderBy("d.name")
    .orderBy("d.digest")
    .execute();
  const tags = await db
    .selectFrom("input_tags as t")
    .innerJoin("inputs as i", "i.id", "t.input_id")
    .select(["t.input_id", "t.key", "t.value"])
    .where("i.run_id", "=", runId)
    .execute();
  return inputs.map((input) => ({
    name: input.name,
    digest: input.digest.slice(0, MAX_DIGEST),
    sourceType: input.source_type,
    source: input.source,
    ...(input.schema === null ? {} : { schema: input.schema }),
    ...(input.profile === null ? {} : { profile: input.profile }),
    tags: Object.fromEntries(
      tags.flatMap(({ input_id, key, value }) => (input_id === input.id ? [[key, value]] : [])),
    ),
  }));
}

/** Of MLflow's digests. */
const MAX_DIGEST = 36;
