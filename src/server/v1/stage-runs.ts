import { z } from "zod";
import { listOf, listQuery } from "./list.ts";
import { toListRequest } from "./list-request.ts";
import { api } from "./route.ts";

const stageRun = z.looseObject({
  digest: z.string(),
  stage: z.enum(["data", "features", "train"]),
  path: z.string(),
  journal: z.unknown().describe("when, by whom and from which commit it was run, where known"),
  registered_at: z.string(),
  registered_by: z.string(),
});

/** Runs of the pipeline's stages, by the digest of the record that each wrote. */
export const stageRunRoutes = [
  api({
    method: "GET",
    path: "/stage-runs",
    permission: "stage-runs:read",
    summary: "Registered runs of stages, the last first",
    query: listQuery,
    reply: listOf(stageRun),
    handle: ({ query }, { catalogue }) => catalogue.stageRuns(toListRequest(query)),
  }),
  api({
    method: "GET",
    path: "/stage-runs/{digest}",
    permission: "stage-runs:read",
    summary: "A run of a stage, with the record that it wrote",
    params: z.object({ digest: z.string() }),
    reply: stageRun.extend({ record: z.record(z.string(), z.unknown()) }),
    handle: ({ params }, { catalogue }) => catalogue.stageRun(params.digest),
  }),
];
