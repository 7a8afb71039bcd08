import { DuetMindError } from "../../core/errors.ts";
import type { Experiment } from "../../tracking/experiments.ts";
import type { Services } from "../services.ts";
import { int64, list, type MessageOf, message, required, text } from "./message.ts";
import { call, type MlflowRoute } from "./route.ts";
import { searchFields, toSearch, viewType } from "./search-fields.ts";

const tag = message({ key: text, value: text });
const search = message({ ...searchFields, max_results: int64, view_type: viewType });

/** MLflow wants max_results from every client: without one it is 0, which is refused. */
async function searchExperiments(fields: MessageOf<typeof search>, { experiments }: Services) {
  const { rows, nextPageToken } = await experiments.search({
    ...toSearch(fields),
    view: fields.view_type ?? "ACTIVE_ONLY",
    maxResults: Number(fields.max_results ?? 0),
  });
  return {
    ...(rows.length === 0 ? {} : { experiments: rows.map(toWireExperiment) }),
    ...(nextPageToken === null ? {} : { next_page_token: nextPageToken }),
  };
}

const MAX_DATASET_EXPERIMENTS = 20;
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
  call(
    { method: "POST", path: "/mlflow/experiments/search", scope: "read" },
    search,
    searchExperiments,
  ),
  call(
    { method: "GET", path: "/mlflow/experiments/search", scope: "read" },
    search,
    searchExperiments,
  ),
  call(
    {
      ...{ method: "POST", path: "/mlflow/experiments/search-datasets" },
      ...{ scope: "read", ajaxOnly: true },
    },
    message({ experiment_ids: list(text) }),
    async ({ experiment_ids }, { experiments }) => {
      const ids = experiment_ids.map((id) => id ?? "");
      assertCount(ids.length);
      const found = await experiments.searchDatasets(ids);
      return {
        dataset_summaries: found.map(({ experimentId, name, digest, context }) => ({
          ...{ experiment_id: String(experimentId), name, digest },
          ...(context === null ? {} : { context }),
        })),
      };
    },
  ),
];

function assertCount(experiments: number): void {
  if (experiments > 0 && experiments <= MAX_DATASET_EXPERIMENTS) return;
  throw new DuetMindError(
    "BAD_INPUT",
    experiments === 0
      ? "SearchDatasets request must specify at least one experiment_id."
      : `SearchDatasets request cannot specify more than ${MAX_DATASET_EXPERIMENTS} experiment_ids. Received ${experiments} experiment_ids.`,
    { path: "experiment_ids" },
  );
}

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
