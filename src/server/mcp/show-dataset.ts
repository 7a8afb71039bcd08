import { z } from "zod";
import { cutSections } from "./sections.ts";
import { cursor, maxTokens, nextCursor, shorten } from "./token-budget.ts";
import { READS, tool } from "./tool.ts";

const dataset = z.object({
  name: z.string(),
  version: z.int(),
  kind: z.string(),
  row_count: z.int(),
  column_count: z.int(),
  size_bytes: z.int(),
  content_sha256: z.string(),
  created_at: z.string(),
  created_by: z.string(),
  quality: z.record(z.string(), z.number()).describe("of the whole dataset, such as its score"),
});
const column = z.looseObject({ name: z.string(), type: z.string() });

export const showDataset = tool({
  name: "show_dataset",
  title: "Show a dataset version",
  description:
    "A version of a registered dataset: its size, hash and quality, its columns with what was measured " +
    "on them, and how the columns changed since the version before.",
  scope: "read",
  hints: READS,
  input: z.strictObject({
    name: z.string().min(1),
    version: z.int().min(1).optional().describe("the newest unless given"),
    cursor,
    max_tokens: maxTokens,
  }),
  output: z.object({
    dataset,
    schema_changes: z.array(z.looseObject({})).describe("since the version before"),
    columns: z.array(column),
    next_cursor: nextCursor,
  }),
  async run(args, _caller, { catalogue }) {
    const found = await catalogue.dataset(args.name, args.version);
    const { schema_changes, columns } = found as Readonly<{
      schema_changes: readonly Record<string, unknown>[];
      columns: readonly z.infer<typeof column>[];
    }>;
    const sections = {
      schema_changes: [...schema_changes],
      columns: columns.map(shortenTexts),
    };
    return cutSections({ dataset: dataset.parse(found) }, sections, args);
  },
});

/** A column with the most frequent values of a text column cut short. */
function shortenTexts<T extends Readonly<Record<string, unknown>>>(measured: T): T {
  const text = JSON.stringify(measured, (_, each) =>
    typeof each === "string" ? shorten(each) : each,
  );
  return JSON.parse(text) as T;
}
