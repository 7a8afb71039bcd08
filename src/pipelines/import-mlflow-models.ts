import {
  filter,
  type ModelVersion,
  type RegisteredModel,
} from "../client/create-tracking-client.ts";
import {
  createModelImport,
  type ForeignVersion,
  type ModelImport,
} from "../registry/import-models.ts";
import type { ImportJob } from "./import-mlflow.ts";
import type { ExperimentPair } from "./import-mlflow-experiments.ts";
import { isProxied, toEntries } from "./import-mlflow-values.ts";

/** Searches leave prompts out unless they are asked for. */
const PROMPT = filter.tag("mlflow.prompt.is_prompt").eq("true");

/**
 * Brings the registered models, prompts among them, and gives their names. With `onlyOfExperiments`:
 * those versions alone whose run is in one of the experiments, and the models that have any.
 */
export async function importModels(
  job: ImportJob,
  experiments: readonly ExperimentPair[],
  onlyOfExperiments: boolean,
): Promise<readonly string[]> {
  const { registeredModels, modelVersions } = job.client;
  const models = createModelImport(job.target.database, job.effects.clock);
  const ids = new Map(experiments.map(({ there, id }) => [there.experimentId, id]));
  const names: string[] = [];
  const task = job.effects.progress.start("registered models", undefined, "models");
  for (const prompt of [undefined, PROMPT]) {
    for await (const model of registeredModels.search(prompt && { filter: prompt })) {
      const ofModel = filter.modelVersion("name").eq(model.name);
      const search = { filter: prompt === undefined ? ofModel : ofModel.and(prompt) };
      const all = await modelVersions.search(search).toArray();
      const versions = onlyOfExperiments ? await ofExperiments(job, all, ids) : all;
      if (onlyOfExperiments && versions.length === 0) continue;
      names.push(model.name);
      await job.attempt(`model ${model.name}`, () =>
        importModel(job, models, model, versions, ids),
      );
      task.advance(1);
    }
  }
  task.done(`${names.length} models`);
  return names;
}

async function importModel(
  job: ImportJob,
  models: ModelImport,
  model: RegisteredModel,
  versions: readonly ModelVersion[],
  experimentIds: ReadonlyMap<string, string>,
): Promise<void> {
  const { tally, origin, actor, effects } = job;
  const numbers = new Set(versions.map(({ version }) => version));
  const aliases = Object.entries(model.aliases)
    .map(([alias, version]) => ({ alias, version }))
    .filter(({ version }) => numbers.has(version));
  tally.add("registered_models", 1);
  tally.add("model_versions", versions.length);
  tally.add("aliases", aliases.length);
  const createdAt = model.creationTimestamp ?? effects.clock.now();
  const foreign = {
    name: model.name,
    description: model.description === "" ? null : model.description,
    createdAt,
    updatedAt: model.lastUpdatedTimestamp ?? createdAt,
    tags: toEntries(model.tags),
    aliases,
  };
  await models.begin(foreign, origin, actor);
  for (const version of versions.toSorted((a, b) => a.version - b.version)) {
    await models.addVersion(toForeign(version, experimentIds, createdAt), origin, actor);
  }
  await models.finish(foreign);
}

function toForeign(
  version: ModelVersion,
  experimentIds: ReadonlyMap<string, string>,
  modelCreatedAt: Date,
): ForeignVersion {
  const createdAt = version.creationTimestamp ?? modelCreatedAt;
  return {
    ...{ name: version.name, version: version.version, stage: version.stage, createdAt },
    source: toLocalSource(version.source, experimentIds),
    runId: version.runId ?? null,
    runLink: version.runLink ?? null,
    loggedModelId: version.modelId ?? modelIdOf(version.source) ?? null,
    description: version.description === "" ? null : version.description,
    updatedAt: version.lastUpdatedTimestamp ?? createdAt,
    tags: toEntries(version.tags),
  };
}

/** Files below the proxy are in the folder of their experiment, which has another number here. */
function toLocalSource(source: string, experimentIds: ReadonlyMap<string, string>): string {
  if (!isProxied(source)) return source;
  const [, experiment = "", rest = ""] =
    /^mlflow-artifacts:(?:\/\/[^/]*)?\/+([^/]+)(.*)$/s.exec(source) ?? [];
  const id = experimentIds.get(experiment);
  return id === undefined ? source : `mlflow-artifacts:/${id}${rest}`;
}

function modelIdOf(source: string): string | undefined {
  return /^models:\/+(m-[0-9a-f]{32})(?:\/|$)/.exec(source)?.[1];
}

/** The versions whose run, or logged model, is in one of the experiments. */
async function ofExperiments(
  job: ImportJob,
  versions: readonly ModelVersion[],
  experimentIds: ReadonlyMap<string, string>,
): Promise<readonly ModelVersion[]> {
  const chosen: ModelVersion[] = [];
  for (const version of versions) {
    const { runId, modelId = modelIdOf(version.source) } = version;
    await job.attempt(`model ${version.name}: version ${version.version}`, async () => {
      const experimentId =
        runId !== undefined
          ? (await job.client.runs.get(runId)).experimentId
          : modelId !== undefined
            ? (await job.client.loggedModels.get(modelId)).experimentId
            : undefined;
      if (experimentId !== undefined && experimentIds.has(experimentId)) chosen.push(version);
    });
  }
  return chosen;
}
