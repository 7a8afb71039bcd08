import { extractiveSummary } from "../../src/agent-memory/life-cycle/summarise.ts";
import { createMemoryService } from "../../src/agent-memory/memory-service.ts";
import { memoryParams } from "../../src/agent-memory/params.ts";
import { type MemoryPrivacy, NO_PRIVACY } from "../../src/agent-memory/privacy/memory-privacy.ts";
import { realEffects } from "../../src/core/effects.ts";
import type { MemoryAccess } from "../../src/server/memory-services.ts";
import type { OpenedDatabase } from "../../src/store/database.ts";
import { wordEmbedder } from "./word-embedder.ts";

/** Agent memory for a server in process, with an embedder that is quick. */
export function testMemory(
  database: OpenedDatabase,
  privacy: MemoryPrivacy = NO_PRIVACY,
): MemoryAccess {
  const service = createMemoryService({
    ...{ database, embedder: wordEmbedder(), params: memoryParams.parse({}), effects: realEffects },
    ...{ privacy, summarise: extractiveSummary },
    report: (error) => {
      throw error;
    },
  });
  return {
    clock: realEffects.clock,
    as: async (identity) => service.as(identity),
    upkeep: async () => void (await service.upkeep()),
    close: () => service.close(),
  };
}
