import { message, required, text } from "./message.ts";
import { toWireVersion } from "./model-version-wire.ts";
import { call, type MlflowRoute } from "./route.ts";

const byAlias = message({ name: required(text), alias: required(text) });
const path = "/mlflow/registered-models/alias";

/** MLflow's calls on the aliases of a registered model (reference: mlflow.md, section 1). */
export const modelAliasRoutes: readonly MlflowRoute[] = [
  call(
    { method: "POST", path, scope: "write" },
    message({ name: required(text), alias: required(text), version: required(text) }),
    async ({ name, alias, version }, { modelAliases }, { actor }) => {
      await modelAliases.set(name, alias, version, actor);
      return {};
    },
  ),
  call(
    { method: "GET", path, scope: "read" },
    byAlias,
    async ({ name, alias }, { modelAliases }) => ({
      model_version: toWireVersion(await modelAliases.resolve(name, alias)),
    }),
  ),
  call(
    { method: "DELETE", path, scope: "write" },
    byAlias,
    async ({ name, alias }, { modelAliases }, { actor }) => {
      await modelAliases.delete(name, alias, actor);
      return {};
    },
  ),
];
