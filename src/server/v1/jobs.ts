import { z } from "zod";
import { DEFAULT_LIMIT, MAX_LIMIT } from "./list.ts";
import { api } from "./route.ts";

const job = z.object({
  id: z.string(),
  kind: z.string(),
  state: z.enum(["queued", "running", "succeeded", "failed", "cancelled"]),
  progress: z.object({ done: z.int(), total: z.int().nullable(), unit: z.string().nullable() }),
  log_tail: z.string(),
  result: z.unknown(),
  error: z.unknown(),
  actor: z.string(),
  created_at: z.string(),
  updated_at: z.string(),
});

const one = z.object({ id: z.string() });

/** Long work: started by a POST, looked after here (reference: api.md, "Long work"). */
export const jobRoutes = [
  api({
    method: "GET",
    path: "/jobs",
    permission: "jobs:read",
    summary: "The last jobs, the newest first",
    query: z.strictObject({
      limit: z.coerce.number().int().min(1).max(MAX_LIMIT).default(DEFAULT_LIMIT),
    }),
    reply: z.object({ items: z.array(job), next_page_token: z.null() }),
    async handle({ query }, { jobs }) {
      return { items: await jobs.list(query.limit), next_page_token: null };
    },
  }),
  api({
    method: "POST",
    path: "/jobs",
    permission: "jobs:admin",
    summary: "Start long work",
    status: 202,
    body: z.strictObject({
      kind: z.string().min(1),
      request: z.record(z.string(), z.unknown()).default({}),
    }),
    reply: job,
    async handle({ body, caller, reply }, { jobs }) {
      const started = await jobs.start(body.kind, body.request, caller.actor);
      reply.header("location", `/api/v1/jobs/${started.id}`);
      return started;
    },
  }),
  api({
    method: "GET",
    path: "/jobs/{id}",
    permission: "jobs:read",
    summary: "How a job stands, and its result",
    params: one,
    reply: job,
    handle: ({ params }, { jobs }) => jobs.get(params.id),
  }),
  api({
    method: "DELETE",
    path: "/jobs/{id}",
    permission: "jobs:admin",
    summary: "Ask a job to end",
    params: one,
    reply: job,
    handle: ({ params }, { jobs }) => jobs.cancel(params.id),
  }),
];
