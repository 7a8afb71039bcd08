import type { ForgetSelection } from "../../agent-memory/memory.ts";
import { countOf } from "../../core/count-of.ts";
import { defined } from "../../core/defined.ts";
import { DuetMindError } from "../../core/errors.ts";
import type { CommandDefinition } from "../command.ts";
import { parseList, parseObject, parseTime } from "../memory-values.ts";
import { allAgentsOption, memoryOptions, withMemory } from "../with-memory.ts";

export const memoryForget: CommandDefinition = {
  name: "forget",
  summary: "Forget a memory, a session, a subject, or what fits; the audit keeps no content",
  examples: [
    "duetmind memory forget 0199a3c4-1b2c-7d3e-8f40-51627384a5b6",
    "duetmind memory forget --subject patient-17 --all-agents --hard --dry-run",
  ],
  configure: (command) => {
    memoryOptions(command)
      .argument("[id]", "id of a memory")
      .option("--session <id>", "of this session")
      .option("--subject <name>", "about this subject")
      .option("--types <words>", "comma list: of these types", parseList)
      .option("--metadata <json>", "with these values in their metadata", parseObject)
      .option("--before <time>", "created before", parseTime)
      .option("--hard", "delete them now, not later")
      .option("--dry-run", "only say what would be forgotten")
      .addOption(allAgentsOption());
  },
  async run({ args, options }, context) {
    const selection = defined({
      id: args[0],
      sessionId: options["session"] as string | undefined,
      subject: options["subject"] as string | undefined,
      memoryTypes: options["types"] as string[] | undefined,
      metadata: options["metadata"] as Record<string, unknown> | undefined,
      before: options["before"] as Date | undefined,
    }) as ForgetSelection;
    if (Object.keys(selection).length === 0) {
      throw new DuetMindError("USAGE", "memory forget: expected what to forget, got nothing", {
        hint: "give an id, --session, --subject, --types, --metadata or --before",
      });
    }
    const dryRun = options["dryRun"] === true;
    const mode = options["hard"] === true ? "hard" : "soft";
    return withMemory(options, context, async (memory) => {
      const { forgotten, ids } = await memory.forgetMemories(selection, { mode, dryRun });
      const deed = dryRun ? "would forget" : mode === "hard" ? "deleted" : "forgot";
      return {
        json: { forgotten, ids, dry_run: dryRun },
        text: `${deed} ${countOf(forgotten, "memory", "memories")}`,
      };
    });
  },
};
