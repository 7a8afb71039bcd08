import { linkSimilar } from "./associations/link-similar.ts";
import type { MemoryParts } from "./memory-parts.ts";
import { purgeRecalls } from "./privacy/recall-guard.ts";
import { resealMemories } from "./privacy/reseal-memories.ts";
import { type Purged, purgeMemories } from "./purge-memories.ts";
import { embedAgain } from "./retrieval/embed-again.ts";
import { indexVectors } from "./retrieval/index-vectors.ts";

export type MemoryUpkeep = Purged &
  Readonly<{
    /** New memories whose similar ones were linked. */
    linked: number;
    /** Memories that were sealed with the current key: in clear before, or under an older one. */
    resealed: number;
    /** Memories that got vectors of the model that is used now. */
    embedded: number;
    /** Whether an approximate index of its vectors is there. */
    isIndexed: boolean;
  }>;

/**
 * The chores of agent memory, each in short transactions that a kill cannot leave half done: deletes
 * what has expired, what was forgotten and what was recalled too long ago, links what is new, brings
 * all under the current key and into the space of the current model, and indexes that space. The last
 * three are looked for until a run finds nothing to do: what this process stores later has them anyway.
 */
export function createMemoryUpkeep(parts: MemoryParts): () => Promise<MemoryUpkeep> {
  const signal = new AbortController().signal;
  let isSealed = false;
  let isEmbedded = false;
  let isIndexed = false;
  return async () => {
    const purged = await purgeMemories(parts);
    await purgeRecalls(parts);
    const linked = await linkSimilar(parts, signal);
    const resealed = isSealed ? 0 : await resealMemories(parts, signal);
    isSealed ||= resealed === 0;
    const embedded = isEmbedded ? 0 : await embedAgain(parts, signal);
    isEmbedded ||= embedded === 0;
    isIndexed ||= await indexVectors(parts);
    return { ...purged, linked, resealed, embedded, isIndexed };
  };
}
