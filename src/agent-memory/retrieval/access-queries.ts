import { sql } from "kysely";
import { PREPARED } from "../../store/prepared.ts";
import type { Lane } from "../../store/travel-together.ts";

/** Memories that were shown at one time. */
export type Access = Readonly<{ at: Date; memories: readonly Readonly<{ id: string }>[] }>;

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
  const each = [...counts.values()];
  // locked in one order, so that two who count the same wait for each other and do not deadlock
  await sql`${PREPARED} WITH given AS MATERIALIZED (
      SELECT m.id, g.at, g.times
      FROM unnest(${[...counts.keys()]}::uuid[], ${each.map(({ at }) => new Date(at))}::timestamptz[],
        ${each.map(({ times }) => times)}::integer[]) AS g(id, at, times)
      JOIN duetmind.agent_memory m ON m.id = g.id ORDER BY m.id FOR NO KEY UPDATE OF m
    )
    UPDATE duetmind.agent_memory m
    SET last_accessed = greatest(m.last_accessed, g.at), access_count = m.access_count + g.times
    FROM given g WHERE m.id = g.id`.execute(db);
}
