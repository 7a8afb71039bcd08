import { halfLifeMs, type LifeCycleParams } from "./params.ts";

/**
 * What a memory's importance is worth now. The stored importance is what was said of it and never
 * changes by itself; its decay is computed where it is read, so that no job rewrites rows, and a memory
 * that is not read costs nothing.
 *
 *     idle     = now − the later of created_at and last_accessed, at least 0
 *     decayed  = importance · (floor + (1 − floor) · 2^(−idle / half_life(type)))
 *     use      = 1 − 2^(−access_count / 4)
 *     worth    = decayed + (1 − decayed) · reinforcement · use · 2^(−idle / half_life(type))
 *
 * Laws: within 0 and 1; never more for being idle longer; never less for more importance or more
 * accesses. Reinforcement is bounded: with `reinforcement` 0.3 a memory of importance 0.5 that is read
 * all day long is worth at most 0.65, so that reading cannot make it the most important one. `half_life_days: {knowledge: 365}`,
 * floor 0.2: importance 0.8, read never, is worth 0.48 after a year and 0.16 at the end of all time.
 */
export function effectiveImportance(
  memory: Readonly<{
    importance: number;
    memoryType: string;
    createdAt: Date;
    lastAccessed: Date | null;
    accessCount: number;
  }>,
  now: Date,
  params: LifeCycleParams,
): number {
  const since = Math.max(memory.createdAt.getTime(), memory.lastAccessed?.getTime() ?? 0);
  const idleMs = Math.max(0, now.getTime() - since);
  const fresh = 2 ** (-idleMs / halfLifeMs(memory.memoryType, params));
  const decayed = memory.importance * (params.floor + (1 - params.floor) * fresh);
  const use = 1 - 2 ** (-memory.accessCount / USES_TO_HALF);
  return decayed + (1 - decayed) * params.reinforcement * use * fresh;
}

/** So many accesses bring half of what reinforcement can bring. */
const USES_TO_HALF = 4;
