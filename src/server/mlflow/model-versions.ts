import type { FoundVersion } from "../../registry/found-version.ts";
import type { Services } from "../services.ts";
import { bool, list, type MessageOf, message, required, text } from "./message.ts";
import { toWireVersion } from "./model-version-wire.ts";
import { registrySearch, toRegistrySearch } from "./registry-search.ts";
import { call, type MlflowRoute } from "./route.ts";
import { tags, toEntries, unlessEmpty } from "./tags.ts";

const DEFAULT_MAX_RESULTS = 200_000;
const key = { name: required(text), version: required(text) };
const byKey = message(key);
const latest = message({ name: required(text), stages: list(required(text)) });
const latestPath = "/mlflow/registered-models/get-latest-versions";

/** MLflow's calls on model versions (reference: mlflow.md, section 1). */
export const modelVersionRoutes: readonly MlflowRoute[] = [
  call(
    { method: "POST", path: "/mlflow/model-versions/create", scope: "write" },
    message({
      name: required(text),
      source: required(text),
      run_id: text,
      tags,
      run_link: text,
      description: text,
      model_id: text,
    }),
    async ({ name, source, description, ...given }, { modelVersions }, { actor }) => {
      const version = {
        name,
        source,
        description,
        runId: given.run_id || undefined,
        runLink: given.run_link || undefined,
        loggedModelId: given.model_id || undefined,
        tags: toEntries(given.tags),
      };
      return reply(await modelVersions.create(version, actor));
    },
  ),
  call(
    { method: "PATCH", path: "/mlflow/model-versions/update", scope: "write" },
    message({ ...key, description: text }),
    async ({ description, ...key }, { modelVersions }, { actor }) =>
      reply(await modelVersions.describe(key, description, actor)),
  ),
  call(
    { method: "POST", path: "/mlflow/model-versions/transition-stage", scope: "write" },
    message({ ...key, stage: required(text), archive_existing_versions: bool }),
    async ({ stage, archive_existing_versions: archive = false, ...key }, services, { actor }) =>
      reply(await services.modelVersions.transition(key, stage, archive, actor)),
  ),
  call(
    { method: "DELETE", path: "/mlflow/model-versions/delete", scope: "write" },
    byKey,
    async (key, { modelVersions }, { actor }) => {
      await modelVersions.delete(key, actor);
      return {};
    },
  ),
  call(
    { method: "GET", path: "/mlflow/model-versions/get", scope: "read" },
    byKey,
    async (key, { modelVersions }) => reply(await modelVersions.get(key)),
  ),
  call(
    { method: "GET", path: "/mlflow/model-versions/search", scope: "read" },
    registrySearch,
    async (search, { modelVersions }) => {
      const page = await modelVersions.search(toRegistrySearch(search, DEFAULT_MAX_RESULTS));
      return {
        model_versions: unlessEmpty(page.rows.map(toWireVersion)),
        next_page_token: page.nextPageToken ?? undefined,
      };
    },
  ),
  call(
    { method: "GET", path: "/mlflow/model-versions/get-download-uri", scope: "read" },
    byKey,
    async (key, { modelVersions }) => ({ artifact_uri: await modelVersions.downloadUri(key) }),
  ),
  call(
    { method: "POST", path: "/mlflow/model-versions/set-tag", scope: "write" },
    message({ ...key, key: required(text), value: text }),
    async ({ key, value, ...version }, { modelVersions }, { actor }) => {
      await modelVersions.setTag(version, { key, value: value ?? "" }, actor);
      return {};
    },
  ),
  call(
    { method: "DELETE", path: "/mlflow/model-versions/delete-tag", scope: "write" },
    message({ ...key, key: required(text) }),
    async ({ key, ...version }, { modelVersions }, { actor }) => {
      await modelVersions.deleteTag(version, key, actor);
      return {};
    },
  ),
  call({ method: "POST", path: latestPath, scope: "read" }, latest, getLatest),
  call({ method: "GET", path: latestPath, scope: "read" }, latest, getLatest),
];

async function getLatest(
  { name, stages }: MessageOf<typeof latest>,
  { modelVersions }: Services,
): Promise<unknown> {
  const versions = await modelVersions.latest(name, stages);
  return { model_versions: unlessEmpty(versions.map(toWireVersion)) };
}

function reply(version: FoundVersion): unknown {
  return { model_version: toWireVersion(version) };
}
