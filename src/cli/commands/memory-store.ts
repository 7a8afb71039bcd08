import { Option } from "commander";
import { MEMORY_SCOPES, type NewMemory } from "../../agent-memory/memory.ts";
import { defined } from "../../core/defined.ts";
import type { CommandDefinition } from "../command.ts";
import { parseNumber, parseObject, parseText, parseTtl } from "../memory-values.ts";
import { memoryOptions, withEmbedding } from "../with-memory.ts";

export const memoryStore: CommandDefinition = {
  name: "store",
  summary: "Store one memory",
  examples: [
    'duetmind memory store --session s1 --content "Ann: the scan is on Friday"',
    `duetmind memory store --session s1 --type experience --importance 0.8 --metadata '{"ref": "a7"}' --content "…" --json`,
  ],
  configure: (command) => {
    memoryOptions(command)
      .requiredOption("--session <id>", "the conversation, case or task that it belongs to")
      .requiredOption("--content <text>", "what to remember", parseText)
      .option(
        "--type <word>",
        "reasoning, experience, knowledge, or a word of your own",
        "knowledge",
      )
      .option("--importance <number>", "0 to 1", parseNumber, 0.5)
      .option("--metadata <json>", "returned as it is; searches filter by it", parseObject)
      .addOption(
        new Option("--scope <scope>", "who else sees it: nobody, the agent, the tenant")
          .choices(MEMORY_SCOPES)
          .default("session"),
      )
      .option("--subject <name>", "whom or what it is about, for forgetting")
      .option("--source <text>", "where it was learned")
      .option("--actor <name>", "who said or did it; is searched with the content")
      .option("--ttl <time>", "forgotten after it, such as 30d or 12h");
  },
  run: ({ options }, context) =>
    withEmbedding(options, context, async (memory) => {
      const ttl = options["ttl"] as string | undefined;
      const { metadata, subject, source, actor } = options as Pick<
        NewMemory,
        "metadata" | "subject" | "source" | "actor"
      >;
      const [stored] = await memory.storeMemories([
        {
          sessionId: options["session"] as string,
          content: options["content"] as string,
          memoryType: options["type"] as string,
          importance: options["importance"] as number,
          scope: options["scope"] as (typeof MEMORY_SCOPES)[number],
          ...defined({ metadata, subject, source, actor }),
          ...(ttl === undefined ? {} : { expiresAt: parseTtl(ttl, context.effects.clock.now()) }),
        } as NewMemory,
      ]);
      const { id, deduplicated, similar, redacted } = stored!;
      const known = deduplicated ? "  (it was there: strengthened)" : "";
      return {
        json: { id, deduplicated, similar, ...defined({ redacted }) },
        text: [`${id}${known}`, ...similar.map((each) => `  similar: ${each.id}`)].join("\n"),
      };
    }),
};
