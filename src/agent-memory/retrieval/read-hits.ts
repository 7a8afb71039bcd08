import { appendAudit } from "../../audit/append-audit.ts";
import { digestBytes } from "../../core/hash.ts";
import type { Lane } from "../../store/travel-together.ts";
import type { MemoryHit, MemoryIdentity } from "../memory.ts";
import { memoryAudit } from "../memory-audit.ts";
import type { MemoryParts } from "../memory-parts.ts";
import { recordOf } from "../memory-row.ts";
import { findTexts } from "./candidate-row-queries.ts";
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
  const [texts] = await Promise.all([
    findTexts(db, cutOf(ranked, found)),
    appendAudit(db, deed, parts.effects.clock),
    commit(),
  ]);
  return toHits(ranked, found, texts);
}

/** How many of them the caller shows: all, unless the caller looks at them to tell. */
export async function countShown(
  db: Lane,
  count: ParsedQuery["countShown"],
  ranked: readonly RankedMemory[],
  found: FoundMemories,
): Promise<number> {
  if (count === undefined) return ranked.length;
  return count(toHits(ranked, found, await findTexts(db, cutOf(ranked, found))));
}

/** Those of whose texts the beginning and the end alone were read. */
function cutOf(ranked: readonly RankedMemory[], found: FoundMemories): string[] {
  return ranked.flatMap(({ id }) => (isCut(found.get(id)!) ? [id] : []));
}

function isCut({ row: { content_bytes: bytes }, text }: Found): boolean {
  return bytes !== null && bytes !== Buffer.byteLength(text);
}

/** What was deleted while the rest of its text was asked for is left out. */
function toHits(
  ranked: readonly RankedMemory[],
  found: FoundMemories,
  texts: ReadonlyMap<string, string>,
): MemoryHit[] {
  return ranked.flatMap(({ id, score, parts }, i) => {
    const memory = found.get(id)!;
    const text = isCut(memory) ? texts.get(id) : memory.text;
    if (text === undefined) return [];
    return [Object.assign(recordOf(memory.row, text), { rank: i + 1, score, parts })];
  });
}
