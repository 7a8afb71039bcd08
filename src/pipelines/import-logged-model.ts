import type { Database } from "../store/database.ts";
import { toStoredParams } from "../tracking/logged-model-limits.ts";
import {
  insertLoggedModel,
  insertLoggedModelParams,
  READY,
} from "../tracking/logged-model-queries.ts";
import type { TrainPlan } from "./register-plan.ts";

/**
 * Makes the model of a training a logged model too, so that MLflow's clients find it by `models:/m-…`
 * and beside those of other runs. Its files are those of its run: nothing is stored twice. Its id is
 * that of the run, which a record decides.
 */
export async function importLoggedModel(
  db: Database,
  plan: TrainPlan,
  run: Readonly<{ runId: string; experimentId: number }>,
  artifactUri: string,
  at: Date,
): Promise<string> {
  const modelId = `m-${run.runId}`;
  await insertLoggedModel(db, {
    modelId,
    experimentId: run.experimentId,
    name: plan.model.replaceAll(/[/:.%"']/g, "-"),
    modelType: "",
    sourceRunId: run.runId,
    artifactUri,
    status: READY,
    at,
  });
  await insertLoggedModelParams(db, modelId, toStoredParams(plan.params));
  await db
    .insertInto("model_outputs")
    .values({ run_id: run.runId, model_id: modelId, step: 0 })
    .execute();
  return modelId;
}
