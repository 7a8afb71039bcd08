import type { LoggedModelStatus } from "../../tracking/logged-models.ts";
import { toWireLoggedModel } from "./logged-model-wire.ts";
import { bool, enumOf, message, required, text } from "./message.ts";
import { call, type MlflowRoute } from "./route.ts";
import { searchLoggedModelsRoute } from "./search-logged-models.ts";
import { tags, toEntries } from "./tags.ts";

const path = "/mlflow/logged-models";
/** A param is written as a tag is. */
const params = tags;
const id = required(text);

const statuses = enumOf({
  LOGGED_MODEL_PENDING: 1,
  LOGGED_MODEL_READY: 2,
  LOGGED_MODEL_UPLOAD_FAILED: 3,
});
const STATUS: Readonly<Record<string, LoggedModelStatus>> = {
  LOGGED_MODEL_PENDING: "pending",
  LOGGED_MODEL_READY: "ready",
  LOGGED_MODEL_UPLOAD_FAILED: "upload_failed",
};

/** MLflow's calls on logged models (reference: mlflow.md, section 1). */
export const loggedModelRoutes: readonly MlflowRoute[] = [
  searchLoggedModelsRoute,
  call(
    { method: "POST", path, scope: "write" },
    message({
      experiment_id: required(text),
      name: text,
      model_type: text,
      source_run_id: text,
      params,
      tags,
    }),
    async (given, { loggedModels }, { actor }) => {
      const model = {
        experimentId: given.experiment_id,
        name: given.name,
        modelType: given.model_type,
        sourceRunId: given.source_run_id,
        params: toEntries(given.params),
        tags: toEntries(given.tags),
      };
      return { model: toWireLoggedModel(await loggedModels.create(model, actor)) };
    },
  ),
  call(
    { method: "GET", path: `${path}/:id`, scope: "read" },
    message({ id, allow_deleted: bool }),
    async ({ id, allow_deleted }, { loggedModels }) => ({
      model: toWireLoggedModel(await loggedModels.get(id, allow_deleted ?? false)),
    }),
  ),
  call(
    { method: "PATCH", path: `${path}/:id`, scope: "write" },
    message({ id, model_id: required(text), status: required(statuses) }),
    async ({ id, status }, { loggedModels }) => ({
      model: toWireLoggedModel(await loggedModels.setStatus(id, STATUS[status!]!)),
    }),
  ),
  call(
    { method: "DELETE", path: `${path}/:id`, scope: "write" },
    message({ id }),
    async ({ id }, { loggedModels }, { actor }) => {
      await loggedModels.delete(id, actor);
      return {};
    },
  ),
  call(
    { method: "POST", path: `${path}/:id/params`, scope: "write" },
    message({ id, model_id: required(text), params }),
    async ({ id, params }, { loggedModels }) => {
      await loggedModels.logParams(id, toEntries(params));
      return {};
    },
  ),
  call(
    { method: "PATCH", path: `${path}/:id/tags`, scope: "write" },
    message({ id, tags }),
    async ({ id, tags }, { loggedModels }) => {
      await loggedModels.setTags(id, toEntries(tags));
      return {};
    },
  ),
  call(
    { method: "DELETE", path: `${path}/:id/tags/:key`, scope: "write" },
    message({ id, key: required(text) }),
    async ({ id, key }, { loggedModels }) => {
      await loggedModels.deleteTag(id, key);
      return {};
    },
  ),
];
