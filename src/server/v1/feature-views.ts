import { z } from "zod";
import { listOf, listQuery } from "./list.ts";
import { toListRequest } from "./list-request.ts";
import { versioned } from "./names.ts";
import { api } from "./route.ts";

const featureView = z.looseObject({
  name: z.string(),
  version: z.int(),
  feature_hash: z.string(),
  fit_hash: z.string(),
  schema_hash: z.string().nullable(),
  feature_count: z.int(),
  created_at: z.string(),
  created_by: z.string(),
});

/** Feature views, by name and version. */
export const featureViewRoutes = [
  api({
    method: "GET",
    path: "/feature-views",
    permission: "feature-views:read",
    summary: "Versions of feature views",
    query: listQuery,
    reply: listOf(featureView),
    handle: ({ query }, { catalogue }) => catalogue.featureViews(toListRequest(query)),
  }),
  api({
    method: "GET",
    path: "/feature-views/{name}/versions/{version}",
    permission: "feature-views:read",
    summary: "A version of a feature view, with its features and how they are made",
    params: versioned,
    reply: featureView.extend({
      features: z.array(z.unknown()),
      transformation_logic: z.unknown(),
      validation_schema: z.unknown(),
    }),
    handle: ({ params }, { catalogue }) => catalogue.featureView(params.name, params.version),
  }),
];
