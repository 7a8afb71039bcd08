import { z } from "zod";
import { parseWith } from "../core/parse.ts";
import type { Memory, MemoryIdentity } from "./memory.ts";
import type { MemoryParts } from "./memory-parts.ts";
import { createMemoryParser, parseIdentity } from "./parse-memory.ts";
import { createReads } from "./read-memories.ts";
import { STORED, storeMemories } from "./store-memories.ts";

export type MemoryService = Readonly<{
  /** The view of one caller; it sees and writes what is theirs. */
  as(identity: MemoryIdentity): Memory;
  /** Ends what works in the background. The database and the embedder are closed by who opened them. */
  close(): Promise<void>;
}>;

const batch = z.array(z.unknown()).max(1_000);

export function createMemoryService(parts: MemoryParts): MemoryService {
  const parse = createMemoryParser(parts.params);
  return {
    as(input) {
      const identity = parseIdentity(input);
      return {
        ...createReads(parts, identity),
        async storeMemory(memory) {
          const parsed = parse(memory, "memory");
          const [stored] = await storeMemories(parts, identity, [parsed], STORED);
          return stored!.id;
        },
        async storeMemories(memories) {
          const parsed = parseWith(batch, memories, "memories").map((memory, i) =>
            parse(memory, `memories.${i}`),
          );
          return storeMemories(parts, identity, parsed, STORED);
        },
      };
    },
    async close() {},
  };
}
