import { z } from "zod";
import { readWithin } from "./read-within.ts";
import { cursor, maxTokens, nextCursor, shorten } from "./token-budget.ts";
import { READS, tool } from "./tool.ts";

export const modelItem = z.object({
  name: z.string(),
  description: z.string().nullable(),
  latest_version: z.int().nullable(),
  version_count: z.int(),
  aliases: z.record(z.string(), z.int()),
  updated_at: z.string(),
});

export const listModels = tool({
  name: "list_models",
  title: "List registered models",
  description: "The registered models by name, with their newest version and aliases.",
  scope: "read",
  hints: READS,
  input: z.strictObject({
    filter: z.string().default("").describe("such as: name LIKE 'alzheimer%'"),
    limit: z.int().min(1).max(100).default(50),
    cursor,
    max_tokens: maxTokens,
  }),
  output: z.object({ models: z.array(modelItem), next_cursor: nextCursor }),
  async run(args, _caller, { catalogue }) {
    const page = await readWithin(args.max_tokens, args.limit, async (limit) => {
      const { filter, cursor: pageToken } = args;
      const request = { filter, limit, pageToken, orderBy: undefined, count: false };
      const { items, next_page_token } = await catalogue.models(request);
      return { items: items.map(toModelItem), next: next_page_token };
    });
    return { models: [...page.items], next_cursor: page.next };
  },
});

export function toModelItem(item: Readonly<Record<string, unknown>>): z.infer<typeof modelItem> {
  const model = modelItem.parse(item);
  const { description } = model;
  return { ...model, description: description === null ? null : shorten(description) };
}
