import type { CommandDefinition } from "../command.ts";
import { memoryAssociate } from "./memory-associate.ts";
import { memoryConsolidate } from "./memory-consolidate.ts";
import { memoryContradictions } from "./memory-contradictions.ts";
import { memoryExport } from "./memory-export.ts";
import { memoryForget } from "./memory-forget.ts";
import { memoryImport } from "./memory-import.ts";
import { memoryRelated } from "./memory-related.ts";
import { memorySearch } from "./memory-search.ts";
import { memorySessions } from "./memory-sessions.ts";
import { memoryShow } from "./memory-show.ts";
import { memoryStats } from "./memory-stats.ts";
import { memoryStore } from "./memory-store.ts";

export const command: CommandDefinition = {
  name: "memory",
  summary: "Store, search and look after the memory of agents",
  examples: [
    'duetmind memory store --session s1 --content "Ann: the scan is on Friday"',
    'duetmind memory search --session s1 --query "when is the scan?"',
  ],
  subcommands: [
    memoryStore,
    memorySearch,
    memoryShow,
    memoryAssociate,
    memoryRelated,
    memorySessions,
    memoryConsolidate,
    memoryContradictions,
    memoryForget,
    memoryExport,
    memoryImport,
    memoryStats,
  ],
};
