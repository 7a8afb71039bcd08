import type { Memory } from "../../agent-memory/memory.ts";
import { toProposalJson } from "../../agent-memory/memory-json.ts";
import { countOf } from "../../core/count-of.ts";
import { DuetMindError } from "../../core/errors.ts";
import type { CommandDefinition, CommandResult } from "../command.ts";
import { oneLine } from "../memory-values.ts";
import { memoryOptions, withMemory } from "../with-memory.ts";

export const memoryConsolidate: CommandDefinition = {
  name: "consolidate",
  summary: "Propose which memories of a session may become one; with --yes they do",
  examples: [
    "duetmind memory consolidate --session s1",
    "duetmind memory consolidate --session s1 --yes",
    "duetmind memory consolidate --undo 0199a3c4-1b2c-7d3e-8f40-51627384a5b6",
  ],
  configure: (command) => {
    memoryOptions(command)
      .option("--session <id>", "the session")
      .option("--yes", "merge them; what they came from stays on record")
      .option("--undo <id>", "give back what this memory was put in the place of");
  },
  async run({ options }, context) {
    const { session, undo } = options as Partial<Record<string, string>>;
    if ((session === undefined) === (undo === undefined)) {
      const got = session === undefined ? "neither" : "both";
      throw new DuetMindError(
        "USAGE",
        `memory consolidate: expected --session or --undo, got ${got}`,
      );
    }
    const dryRun = options["yes"] !== true;
    return withMemory(options, context, (memory) =>
      session === undefined ? giveBack(memory, undo!) : consolidate(memory, session, dryRun),
    );
  },
};

async function consolidate(memory: Memory, session: string, dryRun: boolean) {
  const { proposals, merged } = await memory.consolidateSession(session, { dryRun });
  const lines = proposals.flatMap(({ keep, merge, summary }) => [
    `${keep}  ${oneLine(summary)}`,
    ...merge.map((id) => `  takes in ${id}`),
  ]);
  const next = dryRun && proposals.length > 0 ? ["", "next: the same command with --yes"] : [];
  return {
    json: { proposals: proposals.map(toProposalJson), merged },
    text:
      proposals.length === 0
        ? "nothing says the same twice"
        : [...lines, ...next, ...(dryRun ? [] : ["", `merged ${merged}`])].join("\n"),
  };
}

async function giveBack(memory: Memory, id: string): Promise<CommandResult> {
  const { restored } = await memory.undoConsolidation(id);
  return {
    json: { restored },
    text:
      restored.length === 0
        ? "it stands in the place of no other"
        : [`gave back ${countOf(restored.length, "memory", "memories")}`, ...restored].join("\n"),
  };
}
