import { int64, list, type MessageOf, message, required, requiredList, text } from "./message.ts";
import { call, type MlflowRoute } from "./route.ts";
import { runFields, runIdOf } from "./run-fields.ts";

const datasetInput = message({
  tags: list(message({ key: required(text), value: text })),
  dataset: message({
    name: required(text),
    digest: required(text),
    source_type: required(text),
    source: required(text),
    schema: text,
    profile: text,
  }),
});
const modelInput = message({ model_id: required(text) });
const modelOutput = message({ model_id: required(text), step: int64 });

/** MLflow's calls on what a run used and made (reference: mlflow.md, section 1). */
export const runLinkRoutes: readonly MlflowRoute[] = [
  call(
    { method: "POST", path: "/mlflow/runs/log-inputs", scope: "write" },
    message({ ...runFields, datasets: list(datasetInput), models: list(modelInput) }),
    async (fields, { runLinks }) => {
      const models = fields.models.map(({ model_id }) => model_id);
      await runLinks.logInputs(runIdOf(fields), fields.datasets.map(toInput), models);
      return {};
    },
  ),
  call(
    { method: "POST", path: "/mlflow/runs/outputs", scope: "write" },
    message({ ...runFields, models: requiredList(modelOutput) }),
    async (fields, { runLinks }) => {
      const models = fields.models.map(({ model_id, step }) => {
        return { modelId: model_id, step: step ?? 0 };
      });
      await runLinks.logOutputs(runIdOf(fields), models);
      return {};
    },
  ),
  call(
    { method: "POST", path: "/mlflow/runs/log-model", scope: "write" },
    message({ ...runFields, model_json: required(text) }),
    async (fields, { runLinks }) => {
      await runLinks.logModel(runIdOf(fields), fields.model_json);
      return {};
    },
  ),
];

function toInput({ dataset, tags }: MessageOf<typeof datasetInput>) {
  return {
    name: dataset.name,
    digest: dataset.digest,
    sourceType: dataset.source_type,
    source: dataset.source,
    schema: dataset.schema ?? null,
    profile: dataset.profile ?? null,
    catalogId: null,
    tags: tags.map(({ key, value }) => ({ key, value: value ?? "" })),
  };
}
