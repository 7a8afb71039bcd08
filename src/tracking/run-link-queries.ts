import { sql } from "kysely";
import { DuetMindError } from "../core/errors.ts";
import type { Database } from "../store/database.ts";
import { assertActiveRun } from "./active-run.ts";
import type { LifecycleStage } from "./experiments.ts";
import { MAX_TAG_VALUE } from "./limits.ts";
import { logBatch } from "./log-batch.ts";

export type ModelOutput = Readonly<{ modelId: string; step: number | bigint }>;

/** The experiment of an active run, whose row stays locked until the transaction ends. */
export async function lockActiveRun(db: Database, runId: string): Promise<number> {
  const { rows } = await sql<
    Readonly<{ experiment_id: number; lifecycle_stage: LifecycleStage }>
  >`SELECT experiment_id, lifecycle_stage FROM duetmind.runs
    WHERE run_id = ${runId}::text FOR NO KEY UPDATE`.execute(db);
  assertActiveRun(runId, rows[0]?.lifecycle_stage);
  return rows[0]!.experiment_id;
}

/** Notes the logged models that a run used; nobody need know them. */
export async function logModelInputs(
  db: Database,
  runId: string,
  modelIds: readonly string[],
): Promise<void> {
  await sql`
    INSERT INTO duetmind.model_inputs (run_id, model_id)
    SELECT ${runId}::text, id FROM unnest(${[...new Set(modelIds)].sort()}::text[]) AS n(id)
    ON CONFLICT DO NOTHING`.execute(db);
}

/** Notes the logged models that a run made, and the step of each; one that comes again keeps its own. */
export async function logModelOutputs(
  db: Database,
  runId: string,
  models: readonly ModelOutput[],
): Promise<void> {
  const sorted = models.toSorted((a, b) => (a.modelId < b.modelId ? -1 : 1));
  await sql`
    INSERT INTO duetmind.model_outputs (run_id, model_id, step)
    SELECT ${runId}::text, * FROM unnest(${sorted.map(({ modelId }) => modelId)}::text[],
      ${sorted.map(({ step }) => step)}::bigint[])
    ON CONFLICT DO NOTHING`.execute(db);
}

const HISTORY_TAG = "mlflow.log-model.history";

/** Adds a model to the history that old clients read; the oldest go when the tag is full. */
export async function appendModelHistory(
  db: Database,
  runId: string,
  model: Readonly<Record<string, unknown>>,
): Promise<void> {
  const known = await db
    .selectFrom("tags")
    .select("value")
    .where("run_id", "=", runId)
    .where("key", "=", HISTORY_TAG)
    .executeTakeFirst();
  const models = [...parsedList(known?.value ?? "[]"), model];
  while (JSON.stringify(models).length > MAX_TAG_VALUE) models.shift();
  if (models.length === 0) {
    throw new DuetMindError(
      "BAD_INPUT",
      `model_json: expected at most ${MAX_TAG_VALUE - 2} characters, got ${JSON.stringify(model).length}`,
      { path: "model_json" },
    );
  }
  await logBatch(db, runId, { tags: [{ key: HISTORY_TAG, value: JSON.stringify(models) }] });
}

/** A client may have set the tag to anything. */
function parsedList(text: string): unknown[] {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}
