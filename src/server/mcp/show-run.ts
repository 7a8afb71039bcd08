import { z } from "zod";
import { entriesOf, measured, metricsOf, runHead, toRunHead } from "./run-summary.ts";
import { cutSections } from "./sections.ts";
import { cursor, maxTokens, nextCursor, shorten } from "./token-budget.ts";
import { READS, tool } from "./tool.ts";

const entry = z.object({ key: z.string(), value: z.string() });
const dataset = z.object({ name: z.string(), digest: z.string(), context: z.string().nullable() });

export const showRun = tool({
  name: "show_run",
  title: "Show a training run",
  description:
    "Everything that was logged to a training run: metrics, parameters, tags, the datasets it used and " +
    "where its files are.",
  scope: "read",
  hints: READS,
  input: z.strictObject({
    run_id: z.string().min(1).describe("as search_runs gives it"),
    cursor,
    max_tokens: maxTokens,
  }),
  output: z.object({
    run: runHead.extend({
      experiment: z.string(),
      lifecycle_stage: z.string(),
      artifact_uri: z.string(),
    }),
    metrics: z.array(z.object({ key: z.string(), value: measured, step: z.number() })),
    params: z.array(entry),
    datasets: z.array(dataset),
    tags: z.array(entry),
    next_cursor: nextCursor,
  }),
  async run(args, _caller, { runs, experiments }) {
    const run = await runs.get(args.run_id);
    const experiment = await experiments.get(String(run.experimentId));
    const short = (text: string | null) =>
      entriesOf(text).map(({ key, value }) => ({ key, value: shorten(value) }));
    const sections = {
      metrics: [...metricsOf(run)],
      params: short(run.texts.params),
      datasets: datasetsOf(run.texts.datasetInputs),
      tags: short(run.texts.tags),
    };
    const head = {
      run: {
        ...toRunHead(run),
        experiment: experiment.name,
        lifecycle_stage: run.lifecycleStage,
        artifact_uri: run.artifactUri,
      },
    };
    return cutSections(head, sections, args);
  },
});

type Inputs = readonly Readonly<{
  dataset: Readonly<{ name: string; digest: string }>;
  tags?: readonly Readonly<{ key: string; value: string }>[];
}>[];

function datasetsOf(text: string | null): z.infer<typeof dataset>[] {
  return (JSON.parse(text ?? "[]") as Inputs).map(({ dataset: { name, digest }, tags = [] }) => {
    const context = tags.find(({ key }) => key === "mlflow.data.context")?.value ?? null;
    return { name, digest, context };
  });
}
