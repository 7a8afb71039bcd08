import { z } from "zod";
import { toJsonText } from "../../core/json-text.ts";
import { checkIfMatch, etagOf } from "./etag.ts";
import { listOf, listQuery } from "./list.ts";
import { toListRequest } from "./list-request.ts";
import { named, versioned } from "./names.ts";
import { api } from "./route.ts";

const model = z.looseObject({
  name: z.string(),
  description: z.string().nullable(),
  latest_version: z.int().nullable(),
  version_count: z.int(),
  aliases: z.record(z.string(), z.int()),
  created_at: z.string(),
  updated_at: z.string(),
});

const version = z.looseObject({
  name: z.string(),
  version: z.int(),
  status: z.enum(["draft", "staging", "production", "archived", "rejected"]),
  reasons: z.array(z.string()),
  description: z.string().nullable(),
  run_id: z.string().nullable(),
  feature_hash: z.string().nullable(),
  metrics: z.record(z.string(), z.unknown()),
  created_at: z.string(),
  created_by: z.string(),
});

/** Registered models and their versions. */
export const modelRoutes = [
  api({
    method: "GET",
    path: "/models",
    permission: "models:read",
    summary: "Registered models",
    query: listQuery,
    reply: listOf(model),
    handle: ({ query }, { catalogue }) => catalogue.models(toListRequest(query)),
  }),
  api({
    method: "GET",
    path: "/models/{name}",
    permission: "models:read",
    summary: "A registered model",
    params: named,
    reply: model,
    handle: ({ params }, { catalogue }) => catalogue.model(params.name),
  }),
  api({
    method: "PATCH",
    path: "/models/{name}",
    permission: "models:write",
    summary: "Change the description of a model",
    params: named,
    body: z.strictObject({ description: z.string().max(100_000).nullable() }),
    reply: model,
    async handle({ params, body, caller, raw }, { catalogue, registeredModels }) {
      await catalogue.model(params.name);
      await registeredModels.describe(
        params.name,
        body.description ?? undefined,
        caller.actor,
        (current) => checkIfMatch(raw, etagOf(toJsonText(current))),
      );
      return catalogue.model(params.name);
    },
  }),
  api({
    method: "GET",
    path: "/models/{name}/versions",
    permission: "models:read",
    summary: "Versions of a model, the newest first",
    params: named,
    query: listQuery,
    reply: listOf(version),
    handle: ({ params, query }, { catalogue }) =>
      catalogue.versions(params.name, toListRequest(query)),
  }),
  api({
    method: "GET",
    path: "/models/{name}/versions/{version}",
    permission: "models:read",
    summary: "The card of a version: lineage, metrics, decision, artifacts",
    params: versioned,
    reply: z.looseObject({
      model: z.string(),
      version: z.int(),
      status: z.string(),
      lineage: z.record(z.string(), z.unknown()),
      artifacts: z.array(z.unknown()),
    }),
    handle: ({ params }, { catalogue }) => catalogue.version(params.name, params.version),
  }),
];
