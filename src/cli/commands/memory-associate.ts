import { Option } from "commander";
import { noAssociation } from "../../agent-memory/associations/associate.ts";
import { MEMORY_RELATIONS, type MemoryRelation } from "../../agent-memory/memory.ts";
import { toAssociationJson } from "../../agent-memory/memory-json.ts";
import { defined } from "../../core/defined.ts";
import type { CommandDefinition } from "../command.ts";
import { parseNumber } from "../memory-values.ts";
import { memoryOptions, withMemory } from "../with-memory.ts";

export const memoryAssociate: CommandDefinition = {
  name: "associate",
  summary: "Say how two memories belong together, or take it back",
  examples: [
    "duetmind memory associate FROM TO --relation supports --strength 0.8",
    "duetmind memory associate FROM TO --relation supports --remove",
  ],
  configure: (command) => {
    memoryOptions(command)
      .argument("<from>", "id of a memory")
      .argument("<to>", "id of a memory: from causes to, from is part of to")
      .addOption(
        new Option("--relation <word>", "how").choices(MEMORY_RELATIONS).makeOptionMandatory(),
      )
      .option("--strength <number>", "0 to 1; default: 1", parseNumber)
      .addOption(
        new Option("--remove", "take this association away, one that DuetMind made too").conflicts(
          "strength",
        ),
      );
  },
  run: ({ args, options }, context) =>
    withMemory(options, context, async (memory) => {
      const ends = {
        ...{ from: args[0]!, to: args[1]!, relation: options["relation"] as MemoryRelation },
      };
      if (options["remove"] === true) {
        if (!(await memory.dissociate(ends))) throw noAssociation(ends);
        const text = `${ends.from} ${ends.relation} ${ends.to}: removed`;
        return { json: { ...ends, removed: true }, text };
      }
      const association = await memory.associate({
        ...ends,
        ...defined({ strength: options["strength"] as number | undefined }),
      });
      const { from, to, relation, strength } = association;
      return {
        json: toAssociationJson(association),
        text: `${from} ${relation} ${to} (${strength})`,
      };
    }),
};
