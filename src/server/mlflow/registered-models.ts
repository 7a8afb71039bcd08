import type { RegisteredModel } from "../../registry/registered-model-queries.ts";
import { message, required, text } from "./message.ts";
import { toWireVersion } from "./model-version-wire.ts";
import { registrySearch, toRegistrySearch } from "./registry-search.ts";
import { call, type MlflowRoute } from "./route.ts";
import { tags, toEntries, unlessEmpty } from "./tags.ts";

const DEFAULT_MAX_RESULTS = 100;
const byName = message({ name: required(text) });

/** MLflow's calls on registered models (reference: mlflow.md, section 1). */
export const registeredModelRoutes: readonly MlflowRoute[] = [
  call(
    { method: "POST", path: "/mlflow/registered-models/create", scope: "write" },
    message({ name: required(text), tags, description: text }),
    async ({ name, tags, description }, { registeredModels }, { actor }) => {
      const model = { name, description, tags: toEntries(tags) };
      return reply(await registeredModels.create(model, actor));
    },
  ),
  call(
    { method: "POST", path: "/mlflow/registered-models/rename", scope: "write" },
    message({ name: required(text), new_name: required(text) }),
    async ({ name, new_name }, { registeredModels }, { actor }) =>
      reply(await registeredModels.rename(name, new_name, actor)),
  ),
  call(
    { method: "PATCH", path: "/mlflow/registered-models/update", scope: "write" },
    message({ name: required(text), description: text }),
    async ({ name, description }, { registeredModels }, { actor }) =>
      reply(await registeredModels.describe(name, description, actor)),
  ),
  call(
    { method: "DELETE", path: "/mlflow/registered-models/delete", scope: "write" },
    byName,
    async ({ name }, { registeredModels }, { actor }) => {
      await registeredModels.delete(name, actor);
      return {};
    },
  ),
  call(
    { method: "GET", path: "/mlflow/registered-models/get", scope: "read" },
    byName,
    async ({ name }, { registeredModels }) => reply(await registeredModels.get(name)),
  ),
  call(
    { method: "GET", path: "/mlflow/registered-models/search", scope: "read" },
    registrySearch,
    async (search, { registeredModels }) => {
      const page = await registeredModels.search(toRegistrySearch(search, DEFAULT_MAX_RESULTS));
      return {
        registered_models: unlessEmpty(page.rows.map(toWireRegisteredModel)),
        next_page_token: page.nextPageToken ?? undefined,
      };
    },
  ),
  call(
    { method: "POST", path: "/mlflow/registered-models/set-tag", scope: "write" },
    message({ name: required(text), key: required(text), value: text }),
    async ({ name, key, value }, { registeredModels }, { actor }) => {
      await registeredModels.setTag(name, { key, value: value ?? "" }, actor);
      return {};
    },
  ),
  call(
    { method: "DELETE", path: "/mlflow/registered-models/delete-tag", scope: "write" },
    message({ name: required(text), key: required(text) }),
    async ({ name, key }, { registeredModels }, { actor }) => {
      await registeredModels.deleteTag(name, key, actor);
      return {};
    },
  ),
];

function reply(model: RegisteredModel): unknown {
  return { registered_model: toWireRegisteredModel(model) };
}

/** A registered model as MLflow's clients read it; what is empty is left out. */
export function toWireRegisteredModel(model: RegisteredModel): unknown {
  return {
    name: model.name,
    creation_timestamp: model.createdAt.getTime(),
    last_updated_timestamp: model.updatedAt.getTime(),
    description: model.description || undefined,
    latest_versions: unlessEmpty(model.latestVersions.map(toWireVersion)),
    tags: unlessEmpty(model.tags),
    aliases: unlessEmpty(
      model.aliases.map(({ alias, version }) => ({ alias, version: String(version) })),
    ),
  };
}
