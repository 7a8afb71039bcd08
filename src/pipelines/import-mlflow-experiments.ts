import type { Experiment } from "../client/create-tracking-client.ts";
import { DuetMindError } from "../core/errors.ts";
import { nearestHint } from "../core/nearest.ts";
import { importExperiment, stageExperiment } from "../tracking/import-experiment.ts";
import type { ImportJob } from "./import-mlflow.ts";
import { isProxied, toEntries } from "./import-mlflow-values.ts";

/** An experiment there, and its id here. */
export type ExperimentPair = Readonly<{ there: Experiment; id: string }>;

/** Makes the experiments that are not here yet; all of them, or those of some names. */
export async function importExperiments(
  job: ImportJob,
  names: readonly string[] | undefined,
): Promise<readonly ExperimentPair[]> {
  const { client, target, effects, origin, actor } = job;
  const all = await client.experiments.search({ viewType: "ALL" }).toArray();
  const known = all.map(({ name }) => name);
  const missing = names?.find((name) => !known.includes(name));
  if (missing !== undefined) {
    throw new DuetMindError(
      "NOT_FOUND",
      `--experiments: expected an experiment of ${origin}, got "${missing}"`,
      nearestHint(missing, known),
    );
  }
  const wanted = all.filter(({ name }) => names?.includes(name) ?? true);
  const pairs: ExperimentPair[] = [];
  for (const there of wanted) {
    job.tally.add("experiments", 1);
    await job.attempt(`experiment "${there.name}"`, async () => {
      const createdAt = there.creationTime ?? effects.clock.now();
      const foreign = {
        name: there.name,
        artifactLocation: isProxied(there.artifactLocation) ? null : there.artifactLocation,
        createdAt,
        updatedAt: there.lastUpdateTime ?? createdAt,
        tags: toEntries(there.tags),
      };
      const { database, experiments } = target;
      const id = await importExperiment(database, experiments, foreign, origin, actor);
      const stage = there.lifecycleStage;
      await stageExperiment(database, id, foreign, stage, actor, effects.clock);
      pairs.push({ there, id });
    });
  }
  return pairs;
}
