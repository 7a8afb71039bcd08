import { z } from "zod";
import type { Run } from "../../tracking/run-text-queries.ts";
import { readWithin } from "./read-within.ts";
import { entriesOf, measured, metricsOf, runHead, toRunHead } from "./run-summary.ts";
import type { McpServices } from "./services.ts";
import { cursor, maxTokens, nextCursor, shorten, tokensOf } from "./token-budget.ts";
import { READS, tool } from "./tool.ts";

const MAX_EXPERIMENTS = 1_000;
/** Of one run in a list; show_run has the others. */
const MAX_ENTRIES = 25;

export const searchRuns = tool({
  name: "search_runs",
  title: "Search training runs",
  description:
    "Find training runs by their metrics, parameters, tags and state, the newest first unless ordered. " +
    'The filter is MLflow\'s: metrics.accuracy > 0.9 and params.depth = "6" and attributes.status = "FINISHED".',
  scope: "read",
  hints: READS,
  input: z.strictObject({
    experiments: z
      .array(z.string().min(1))
      .max(50)
      .optional()
      .describe("names of experiments; without them every active one is searched"),
    filter: z.string().default("").describe("which runs; empty for all"),
    order_by: z.array(z.string()).max(10).default([]).describe('such as ["metrics.accuracy DESC"]'),
    limit: z.int().min(1).max(100).default(20),
    cursor,
    max_tokens: maxTokens,
  }),
  output: z.object({
    runs: z.array(
      runHead.extend({
        experiment: z.string(),
        metrics: z.record(z.string(), measured).describe("the latest value of each"),
        params: z.record(z.string(), z.string()),
        left_out: z.int().describe("metrics and params that are not shown here; show_run has them"),
      }),
    ),
    next_cursor: nextCursor,
  }),
  async run(args, _caller, services) {
    const names = await experimentNames(args.experiments, services);
    const query = {
      experimentIds: [...names.keys()],
      view: "ACTIVE_ONLY",
      filter: args.filter,
      orderBy: args.order_by,
      pageToken: args.cursor,
    } as const;
    const page = await readWithin(args.max_tokens, args.limit, async (maxResults) => {
      const { rows, nextPageToken } = await services.runs.search({ ...query, maxResults });
      const items = rows.map((run) => summarise(run, names, args.max_tokens - WRAPPING));
      return { items, next: nextPageToken };
    });
    return { runs: [...page.items], next_cursor: page.next };
  },
});

/** What a reply has around its runs, as tokens. */
const WRAPPING = 50;

/** A run with its first metrics and params, as far as they fit the budget: one run may be a whole reply. */
function summarise(run: Run, names: ReadonlyMap<string, string>, budget: number) {
  const head = toRunHead(run);
  const [metrics, params] = [metricsOf(run), entriesOf(run.texts.params)];
  const start = { ...head, experiment: names.get(head.experiment_id) ?? head.experiment_id };
  let left = budget - tokensOf({ ...start, metrics: {}, params: {}, left_out: 0 });
  const fits = (entry: readonly [string, unknown]) => {
    left -= tokensOf(entry);
    return left >= 0;
  };
  const first = metrics
    .slice(0, MAX_ENTRIES)
    .map(({ key, value }) => [key, value] as const)
    .filter(fits);
  const rest = params
    .slice(0, MAX_ENTRIES)
    .map(({ key, value }) => [key, shorten(value)] as const)
    .filter(fits);
  return {
    ...start,
    metrics: Object.fromEntries(first),
    params: Object.fromEntries(rest),
    left_out: metrics.length + params.length - first.length - rest.length,
  };
}

/** The experiments to search in: id → name. */
async function experimentNames(
  wanted: readonly string[] | undefined,
  { experiments }: McpServices,
): Promise<ReadonlyMap<string, string>> {
  if (wanted !== undefined) {
    const found = await Promise.all(wanted.map((name) => experiments.getByName(name)));
    return new Map(found.map(({ id, name }) => [id, name]));
  }
  const { rows } = await experiments.search({
    ...{ view: "ACTIVE_ONLY", filter: "", orderBy: [], pageToken: undefined },
    maxResults: MAX_EXPERIMENTS,
  });
  return new Map(rows.map(({ id, name }) => [id, name]));
}
