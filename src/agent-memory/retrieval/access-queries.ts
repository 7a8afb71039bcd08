import { sql } from "kysely";
import { PREPARED } from "../../store/prepared.ts";
import type { Lane } from "../../store/travel-together.ts";

/** Memories that were shown at one time. */
type Access = Readonly<{ at: Date; memories: readonly Readonly<{ id: string }>[] }>;

/** Counts accesses of what the caller owns. What others share stays as it is. */
export async function countAccesses(db: Lane, accesses: readonly Access[]): Promise<void> {
  const counts = new Map<string, { times: number; at: number }>();
  for (const { at, memories } of accesses) {
    for (const { id } of memories) {
      const count = counts.get(id) ?? { times: 0, at: 0 };
      counts.set(id, { times: count.times + 1, at: Math.max(count.at, at.getTime()) });
    }
  }
  if (counts.size === 0) return;
  // in one order, so that two who count the same rather wait for each other than deadlock
  const each = [...counts].sort(([a], [b]) => (a < b ? -1 : 1));
  await sql`${PREPARED} UPDATE duetmind.agent_memory m
    SET last_accessed = greatest(m.last_accessed, g.at), access_count = m.access_count + g.times
    FROM unnest(${each.map(([id]) => id)}::uuid[],
      ${each.map(([, { at }]) => new Date(at))}::timestamptz[],
      ${each.map(([, { times }]) => times)}::integer[]) AS g(id, at, times)
    WHERE m.id = g.id`.execute(db);
}
