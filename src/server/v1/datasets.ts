import { z } from "zod";
import { listOf, listQuery } from "./list.ts";
import { toListRequest } from "./list-request.ts";
import { versioned } from "./names.ts";
import { api } from "./route.ts";

const dataset = z.looseObject({
  name: z.string(),
  version: z.int(),
  kind: z.enum(["raw", "processed"]),
  row_count: z.int(),
  column_count: z.int(),
  size_bytes: z.int(),
  content_sha256: z.string(),
  schema_hash: z.string(),
  created_at: z.string(),
  created_by: z.string(),
});

/** The dataset catalogue. */
export const datasetRoutes = [
  api({
    method: "GET",
    path: "/datasets",
    permission: "datasets:read",
    summary: "Versions of datasets",
    query: listQuery,
    reply: listOf(dataset),
    handle: ({ query }, { catalogue }) => catalogue.datasets(toListRequest(query)),
  }),
  api({
    method: "GET",
    path: "/datasets/{name}/versions/{version}",
    permission: "datasets:read",
    summary: "A version of a dataset: columns, quality, changes since the one before",
    params: versioned,
    reply: dataset.extend({
      quality: z.record(z.string(), z.number()),
      columns: z.array(z.unknown()),
    }),
    handle: ({ params }, { catalogue }) => catalogue.dataset(params.name, params.version),
  }),
];
