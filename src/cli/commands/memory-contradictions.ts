import { toContradictionJson } from "../../agent-memory/memory-json.ts";
import { defined } from "../../core/defined.ts";
import type { CommandDefinition } from "../command.ts";
import { contentLine, parseCount } from "../memory-values.ts";
import { memoryOptions, withMemory } from "../with-memory.ts";

const NEXT = "next: duetmind memory associate FROM TO --relation contradicts, where one does";

export const memoryContradictions: CommandDefinition = {
  name: "contradictions",
  summary: "List pairs of memories that may contradict each other, the nearest first",
  examples: ["duetmind memory contradictions --session s1"],
  configure: (command) => {
    memoryOptions(command)
      .option("--session <id>", "with one of them in this session")
      .option("--limit <number>", "how many pairs", parseCount, 50);
  },
  run: ({ options }, context) =>
    withMemory(options, context, async (memory) => {
      const found = await memory.contradictionCandidates({
        limit: options["limit"] as number,
        ...defined({ sessionId: options["session"] as string | undefined }),
      });
      const lines = found.flatMap(({ from, to, contents, similarity, reasons }) => [
        `${similarity.toFixed(2)}  ${reasons.join(", ")}`,
        ...[`  ${from}  ${contentLine(contents[0])}`, `  ${to}  ${contentLine(contents[1])}`],
      ]);
      return {
        json: { contradictions: found.map(toContradictionJson) },
        text:
          found.length === 0
            ? "no two memories seem to contradict each other"
            : [...lines, "", NEXT].join("\n"),
      };
    }),
};
