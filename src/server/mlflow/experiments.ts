import type { Experiment } from "../../tracking/experiments.ts";
import { list, message, required, text } from "./message.ts";
import { call, type MlflowRoute } from "./route.ts";

const tag = message({ key: text, value: text });
const byId = message({ experiment_id: required(text) });

/** MLflow's calls on experiments (reference: mlflow.md, section 1). */
export const experimentRoutes: readonly MlflowRoute[] = [
  call(
    { method: "POST", path: "/mlflow/experiments/create", scope: "write" },
    message({ name: required(text), artifact_location: text, tags: list(tag) }),
    async ({ name, artifact_location, tags }, { experiments }, { actor }) => {
      const given = tags.map(({ key, value }) => ({ key: key ?? "", value: value ?? "" }));
      const id = await experiments.create(
        { name, artifactLocation: artifact_location, tags: given },
        actor,
      );
      return { experiment_id: id };
    },
  ),
  call(
    { method: "GET", path: "/mlflow/experiments/get", scope: "read" },
    byId,
    async ({ experiment_id }, { experiments }) => ({
      experiment: toWireExperiment(await experiments.get(experiment_id)),
    }),
  ),
  call(
    { method: "GET", path: "/mlflow/experiments/get-by-name", scope: "read" },
    message({ experiment_name: required(text) }),
    async ({ experiment_name }, { experiments }) => ({
      experiment: toWireExperiment(await experiments.getByName(experiment_name)),
    }),
  ),
  call(
    { method: "POST", path: "/mlflow/experiments/delete", scope: "write" },
    byId,
    async ({ experiment_id }, { experiments }, { actor }) => {
      await experiments.delete(experiment_id, actor);
      return {};
    },
  ),
  call(
    { method: "POST", path: "/mlflow/experiments/restore", scope: "write" },
    byId,
    async ({ experiment_id }, { experiments }, { actor }) => {
      await experiments.restore(experiment_id, actor);
      return {};
    },
  ),
  call(
    { method: "POST", path: "/mlflow/experiments/update", scope: "write" },
    message({ experiment_id: required(text), new_name: required(text) }),
    async ({ experiment_id, new_name }, { experiments }, { actor }) => {
      await experiments.rename(experiment_id, new_name, actor);
      return {};
    },
  ),
  call(
    { method: "POST", path: "/mlflow/experiments/set-experiment-tag", scope: "write" },
    message({ experiment_id: required(text), key: required(text), value: text }),
    async ({ experiment_id, key, value }, { experiments }) => {
      await experiments.setTag(experiment_id, { key, value: value ?? "" });
      return {};
    },
  ),
  call(
    { method: "POST", path: "/mlflow/experiments/delete-experiment-tag", scope: "write" },
    message({ experiment_id: required(text), key: required(text) }),
    async ({ experiment_id, key }, { experiments }) => {
      await experiments.deleteTag(experiment_id, key);
      return {};
    },
  ),
];

/** An experiment as MLflow's clients read it; empty lists are left out. */
export function toWireExperiment(experiment: Experiment): unknown {
  return {
    experiment_id: experiment.id,
    name: experiment.name,
    artifact_location: experiment.artifactLocation,
    lifecycle_stage: experiment.lifecycleStage,
    last_update_time: experiment.updatedAt.getTime(),
    creation_time: experiment.createdAt.getTime(),
    ...(experiment.tags.length === 0 ? {} : { tags: experiment.tags }),
    workspace: "default",
  };
}
