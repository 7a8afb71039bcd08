import { sql } from "kysely";
import { auditInsert } from "../../audit/append-audit.ts";
import { digestBytes } from "../../core/hash.ts";
import type { Lane } from "../../store/travel-together.ts";
import type { MemoryHit, MemoryIdentity } from "../memory.ts";
import { memoryAudit } from "../memory-audit.ts";
import type { MemoryParts } from "../memory-parts.ts";
import { type MemoryRow, toMemoryRecord } from "../memory-row.ts";
import { findHitRows, findWholeRows } from "./candidate-row-queries.ts";
import type { ParsedQuery } from "./parse-query.ts";
import type { RankedMemory } from "./rank-rows.ts";

/** Who reads what was found, and for what. */
export type Reading = Readonly<{
  parts: MemoryParts;
  identity: MemoryIdentity;
  query: ParsedQuery;
}>;

/** Reads the hits, leaves the record of it, and commits. */
export async function readHits(
  db: Lane,
  { parts, identity, query: { query, sessionId } }: Reading,
  ranked: readonly RankedMemory[],
  commit: () => Promise<void>,
): Promise<MemoryHit[]> {
  const ids = ranked.map(({ id }) => id);
  const details = { query: digestBytes(query), session: sessionId ?? null };
  const deed = memoryAudit(identity, { action: "memory.retrieve", ids, details });
  const audit = auditInsert(deed, sql`(VALUES (1)) AS once`, parts.effects.clock);
  const [rows] = await Promise.all([findHitRows(db, ids, audit), commit()]);
  return toHits(ranked, rows, parts);
}

/** How many of them the caller shows: all, unless the caller looks at them to tell. */
export async function countShown(
  db: Lane,
  { parts, query: { countShown: count } }: Reading,
  ranked: readonly RankedMemory[],
): Promise<number> {
  if (count === undefined) return ranked.length;
  const rows = await findWholeRows(
    db,
    ranked.map(({ id }) => id),
  );
  return count(toHits(ranked, rows, parts));
}

function toHits(
  ranked: readonly RankedMemory[],
  rows: readonly MemoryRow[],
  { privacy }: MemoryParts,
): MemoryHit[] {
  const byId = new Map(rows.map((row) => [row.id, row]));
  return ranked.flatMap(({ id, score, parts }, i) => {
    const row = byId.get(id);
    return row === undefined
      ? []
      : [{ ...toMemoryRecord(row, privacy), rank: i + 1, score, parts }];
  });
}
