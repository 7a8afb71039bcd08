import { appendAudit } from "../../audit/append-audit.ts";
import { digestBytes } from "../../core/hash.ts";
import type { Lane } from "../../store/travel-together.ts";
import type { MemoryHit, MemoryIdentity } from "../memory.ts";
import { memoryAudit } from "../memory-audit.ts";
import type { MemoryParts } from "../memory-parts.ts";
import { recordOf } from "../memory-row.ts";
import { findLongParts, type LongParts } from "./candidate-row-queries.ts";
import type { ParsedQuery } from "./parse-query.ts";
import type { Found, RankedMemory } from "./rank-rows.ts";

/** Who reads what was found, and for what. */
export type Reading = Readonly<{
  parts: MemoryParts;
  identity: MemoryIdentity;
  query: ParsedQuery;
}>;

/** What was read of memories, by their ids. */
export type FoundMemories = ReadonlyMap<string, Found>;

/** Makes the hits whole, leaves the record of their being read, and commits. */
export async function readHits(
  db: Lane,
  { parts, identity, query: { query, sessionId } }: Reading,
  ranked: readonly RankedMemory[],
  found: FoundMemories,
  commit: () => Promise<void>,
): Promise<MemoryHit[]> {
  const ids = ranked.map(({ id }) => id);
  const details = { query: digestBytes(query), session: sessionId ?? null };
  const deed = memoryAudit(identity, { action: "memory.retrieve", ids, details });
  const [whole] = await Promise.all([
    findLongParts(db, cutOf(ranked, found)),
    appendAudit(db, deed, parts.effects.clock),
    commit(),
  ]);
  return toHits(ranked, found, whole);
}

/** How many of them the caller shows: all, unless the caller looks at them to tell. */
export async function countShown(
  db: Lane,
  count: ParsedQuery["countShown"],
  ranked: readonly RankedMemory[],
  found: FoundMemories,
): Promise<number> {
  if (count === undefined) return ranked.length;
  return count(toHits(ranked, found, await findLongParts(db, cutOf(ranked, found))));
}

/** Those of which not all was read. */
function cutOf(ranked: readonly RankedMemory[], found: FoundMemories): string[] {
  return ranked.flatMap(({ id }) => (isCut(found.get(id)!) ? [id] : []));
}

function isCut({ row: { content_bytes: bytes, metadata }, text }: Found): boolean {
  return metadata === null || (bytes !== null && bytes !== Buffer.byteLength(text));
}

/** What was deleted while the rest of it was asked for is left out. */
function toHits(
  ranked: readonly RankedMemory[],
  found: FoundMemories,
  whole: ReadonlyMap<string, LongParts>,
): MemoryHit[] {
  return ranked.flatMap(({ id, score, parts }, i) => {
    const memory = found.get(id)!;
    const { row, text } = memory;
    const long = isCut(memory) ? whole.get(id) : { content: text, metadata: row.metadata! };
    if (long === undefined) return [];
    const record = recordOf(row, { content: long.content ?? text, metadata: long.metadata });
    return [Object.assign(record, { rank: i + 1, score, parts })];
  });
}
