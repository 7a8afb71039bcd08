import type { Clock } from "../core/clock.ts";
import type { Digest } from "../core/hash.ts";
import { uuidV7 } from "../core/ids.ts";
import type { Database } from "../store/database.ts";

/** A dataset as a run used it; `context` is MLflow's word for its role: training, validation, test. */
export type RunInput = Readonly<{
  name: string;
  digest: Digest;
  sourceType: string;
  source: string;
  schema: string | null;
  profile: string | null;
  catalogId: string | null;
  context: string;
}>;

export async function logInputs(
  db: Database,
  run: Readonly<{ runId: string; experimentId: number }>,
  inputs: readonly RunInput[],
  clock: Clock,
): Promise<void> {
  for (const input of inputs) {
    const datasetId = await ensureDataset(db, run.experimentId, input, clock);
    const row = { id: uuidV7(clock), run_id: run.runId, dataset_id: datasetId };
    await db
      .insertInto("inputs")
      .values(row)
      .onConflict((conflict) => conflict.columns(["run_id", "dataset_id"]).doNothing())
      .execute();
    const { id } = await db
      .selectFrom("inputs")
      .select("id")
      .where("run_id", "=", run.runId)
      .where("dataset_id", "=", datasetId)
      .executeTakeFirstOrThrow();
    await db
      .insertInto("input_tags")
      .values({ input_id: id, key: "mlflow.data.context", value: input.context })
      .onConflict((conflict) =>
        conflict.columns(["input_id", "key"]).doUpdateSet({ value: input.context }),
      )
      .execute();
  }
}

/** Datasets are one row for each experiment, name and digest, whichever run saw them first. */
async function ensureDataset(
  db: Database,
  experimentId: number,
  input: RunInput,
  clock: Clock,
): Promise<string> {
  await db
    .insertInto("datasets")
    .values({
      id: uuidV7(clock),
      experiment_id: experimentId,
      name: input.name,
      digest: input.digest,
      source_type: input.sourceType,
      source: input.source,
      schema: input.schema,
      profile: input.profile,
      catalog_id: input.catalogId,
    })
    .onConflict((conflict) => conflict.columns(["experiment_id", "name", "digest"]).doNothing())
    .execute();
  const { id } = await db
    .selectFrom("datasets")
    .select("id")
    .where("experiment_id", "=", experimentId)
    .where("name", "=", input.name)
    .where("digest", "=", input.digest)
    .executeTakeFirstOrThrow();
  return id;
}
