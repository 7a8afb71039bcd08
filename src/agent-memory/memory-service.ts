import { z } from "zod";
import { parseWith } from "../core/parse.ts";
import { createAssociations } from "./associations/create-associations.ts";
import { linkSimilar, similarTo } from "./associations/link-similar.ts";
import { createBackground } from "./background.ts";
import { createExport } from "./export-memories.ts";
import { createForget } from "./forget-memories.ts";
import { createImport } from "./import-memories.ts";
import { createConsolidation } from "./life-cycle/consolidate.ts";
import type { Memory, MemoryIdentity } from "./memory.ts";
import type { MemoryParts } from "./memory-parts.ts";
import { createStats } from "./memory-stats.ts";
import { createMemoryParser, parseIdentity } from "./parse-memory.ts";
import { resealMemories } from "./privacy/reseal-memories.ts";
import { purgeMemories } from "./purge-memories.ts";
import { createReads } from "./read-memories.ts";
import { embedAgain } from "./retrieval/embed-again.ts";
import { createPlaceSizes } from "./retrieval/place-sizes.ts";
import { createRetrieval } from "./retrieval/retrieve-memories.ts";
import { createShownMemories } from "./retrieval/shown-memories.ts";
import { STORED, storeMemories } from "./store-memories.ts";
import { createUpdate } from "./update-memory.ts";
import { createMemoryUpkeep, type MemoryUpkeep } from "./upkeep-memories.ts";

export type MemoryService = Readonly<{
  /** The view of one caller; it sees and writes what is theirs. */
  as(identity: MemoryIdentity): Memory;
  /** Chores on the memories of every tenant: see upkeep-memories.ts. */
  upkeep(): Promise<MemoryUpkeep>;
  /**
   * The short ones of them, for who does not stay: deletes what has expired and what was forgotten, and
   * brings some hundreds under the current key and into the space of the current model.
   */
  tidy(): Promise<void>;
  /**
   * Ends what works in the background and writes what waits to be written. The database and the embedder are
   * closed by who opened them.
   */
  close(): Promise<void>;
}>;

/** A second or two of work, behind a command that takes about as long. */
const MOST_TIDIED = 500;
/** Of what has to go through the model. */
const MOST_EMBEDDED = 200;

const batch = z.array(z.unknown()).max(1_000);

export function createMemoryService(bare: MemoryParts): MemoryService {
  const shown = createShownMemories(bare);
  const parts = { ...bare, database: shown.before(bare.database) };
  const parse = createMemoryParser(parts.params);
  const linking = createBackground((signal) => linkSimilar(parts, signal), parts.report);
  const store: typeof storeMemories = async (...given) => {
    const stored = await storeMemories(...given);
    linking.wake();
    return stored;
  };
  const upkeep = createMemoryUpkeep(parts);
  const searches = { sizes: createPlaceSizes(), shown };
  return {
    as(input) {
      const identity = parseIdentity(input);
      return {
        ...createReads(parts, identity),
        ...createAssociations(parts, identity),
        ...createUpdate(parts, identity),
        ...createStats(parts, identity),
        ...createForget(parts, identity),
        ...createExport(parts, identity),
        ...createImport(parts, identity, linking.wake),
        ...createConsolidation(parts, identity),
        ...createRetrieval(parts, identity, searches),
        async storeMemory(memory) {
          const parsed = parse(memory, "memory");
          const [stored] = await store(parts, identity, [parsed], STORED);
          return stored!.id;
        },
        async storeMemories(memories) {
          const given = parseWith(batch, memories, "memories");
          const parsed = given.map((memory, i) =>
            parse(memory, given.length === 1 ? "memory" : `memories.${i}`),
          );
          const stored = await store(parts, identity, parsed, STORED);
          const [only, ...more] = stored;
          if (only === undefined || more.length > 0) return stored;
          const similar = await similarTo(parts, identity, parsed[0]!.sessionId, only.id);
          return [{ ...only, similar }];
        },
      };
    },
    upkeep,
    async tidy() {
      await purgeMemories(parts);
      const { signal } = new AbortController();
      await resealMemories(parts, signal, MOST_TIDIED);
      await embedAgain(parts, signal, MOST_EMBEDDED);
    },
    async close() {
      await linking.close();
      await shown.written();
    },
  };
}
