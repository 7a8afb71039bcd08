import { z } from "zod";
import type { ModelCard } from "../../registry/model-card.ts";
import { modelItem, toModelItem } from "./list-models.ts";
import { cutSections } from "./sections.ts";
import { cursor, maxTokens, nextCursor, shorten } from "./token-budget.ts";
import { READS, tool } from "./tool.ts";

const number = z.number().nullable();
const origin = z.object({ name: z.string(), version: z.int(), content_sha256: z.string() });

export const showModel = tool({
  name: "show_model",
  title: "Show a model version",
  description:
    "The card of a registered model version: its state and why, measured metrics with 95 % intervals, " +
    "hyperparameters, the datasets, features and run it comes from, and its files.",
  scope: "read",
  hints: READS,
  input: z.strictObject({
    name: z.string().min(1),
    version: z.int().min(1).optional().describe("the newest unless given"),
    cursor,
    max_tokens: maxTokens,
  }),
  output: z.object({
    model: modelItem,
    version: z
      .object({
        version: z.int(),
        status: z.string(),
        reasons: z.array(z.string()),
        created_at: z.string(),
        created_by: z.string(),
        source: z.string(),
        run_id: z.string().nullable(),
        feature_view: z
          .object({ name: z.string(), version: z.int(), feature_hash: z.string() })
          .nullable(),
        features: origin.nullable(),
      })
      .nullable()
      .describe("null for a model without versions"),
    metrics: z.array(
      z.object({
        split: z.string(),
        metric: z.string(),
        ...{ value: number, lower: number, upper: number, baseline: number },
      }),
    ),
    datasets: z.array(origin),
    hyperparameters: z.array(z.object({ name: z.string(), value: z.string() })),
    artifacts: z.array(z.object({ path: z.string(), sha256: z.string(), size_bytes: z.int() })),
    next_cursor: nextCursor,
  }),
  async run(args, _caller, { catalogue }) {
    const model = toModelItem(await catalogue.model(args.name));
    const number = args.version ?? model.latest_version;
    const card = number === null ? undefined : await catalogue.version(args.name, number);
    const head = { model, version: card === undefined ? null : toHead(card) };
    return cutSections(head, toSections(card), args);
  },
});

function toHead(card: ModelCard) {
  const { feature_view: view, features, run } = card.lineage;
  const { version, status, created_at, created_by } = card;
  return {
    ...{ version, status, created_at, created_by },
    reasons: card.reasons.map(shorten),
    source: card.source,
    run_id: run?.run_id ?? null,
    feature_view:
      view === null
        ? null
        : { name: view.name, version: view.version, feature_hash: view.feature_hash },
    features: features === null ? null : toOrigin(features),
  };
}

function toSections(card: ModelCard | undefined) {
  const splits = Object.entries(card?.metrics ?? {});
  return {
    metrics: splits.flatMap(([split, metrics]) =>
      Object.entries(metrics).map(([metric, { value, lower, upper, baseline }]) => ({
        ...{ split, metric, value, lower, upper, baseline },
      })),
    ),
    datasets: (card?.lineage.datasets ?? []).map(toOrigin),
    hyperparameters: Object.entries((card?.hyperparameters ?? {}) as object).map(
      ([name, value]) => ({ name, value: shorten(JSON.stringify(value)) }),
    ),
    artifacts: [...(card?.artifacts ?? [])],
  };
}

function toOrigin({ name, version, content_sha256 }: z.infer<typeof origin>) {
  return { name, version, content_sha256 };
}
