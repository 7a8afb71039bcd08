import { linkSimilar } from "./associations/link-similar.ts";
import type { MemoryParts } from "./memory-parts.ts";
import { purgeRecalls } from "./privacy/recall-guard.ts";
import { resealMemories } from "./privacy/reseal-memories.ts";
import { type Purged, purgeMemories } from "./purge-memories.ts";

export type MemoryUpkeep = Purged &
  Readonly<{
    /** New memories whose similar ones were linked. */
    linked: number;
    /** Memories that were sealed with the current key: in clear before, or under an older one. */
    resealed: number;
  }>;

/**
 * The chores of agent memory, each in short transactions that a kill cannot leave half done: deletes
 * what has expired, what was forgotten and what was recalled too long ago, links what is new, and brings
 * all under the current key. That is looked for until a run finds none: what this process stores later
 * is under that key anyway.
 */
export function createMemoryUpkeep(parts: MemoryParts): () => Promise<MemoryUpkeep> {
  const signal = new AbortController().signal;
  let isSealed = false;
  return async () => {
    const purged = await purgeMemories(parts);
    await purgeRecalls(parts);
    const linked = await linkSimilar(parts, signal);
    const resealed = isSealed ? 0 : await resealMemories(parts, signal);
    isSealed ||= resealed === 0;
    return { ...purged, linked, resealed };
  };
}
