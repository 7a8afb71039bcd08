import { sql } from "kysely";
import { auditInsert } from "../../audit/append-audit.ts";
import { digestBytes } from "../../core/hash.ts";
import type { Lane } from "../../store/travel-together.ts";
import type { MemoryHit, MemoryIdentity } from "../memory.ts";
import { memoryAudit } from "../memory-audit.ts";
import type { MemoryParts } from "../memory-parts.ts";
import { type MemoryRow, toMemoryRecord } from "../memory-row.ts";
import { rememberRecalled } from "../privacy/recall-guard.ts";
import { findHitRows, findWholeRows, LONGEST_WHOLE } from "./candidate-row-queries.ts";
import type { ParsedQuery } from "./parse-query.ts";
import type { Found, RankedMemory } from "./rank-rows.ts";

/** Who reads what was found, for what and when. */
export type Reading = Readonly<{
  parts: MemoryParts;
  identity: MemoryIdentity;
  query: ParsedQuery;
  now: Date;
}>;

/** Reads the hits, writes down that they were read, and commits: at once where it is known what was shown. */
export async function readHits(
  db: Lane,
  { parts, identity, query: asked, now }: Reading,
  ranked: readonly RankedMemory[],
  found: ReadonlyMap<string, Found>,
  commit: () => Promise<void>,
): Promise<MemoryHit[]> {
  const { query, sessionId, touch } = asked;
  const ids = ranked.map(({ id }) => id);
  const details = { query: digestBytes(query), session: sessionId ?? null };
  const deed = memoryAudit(identity, { action: "memory.retrieve", ids, details });
  const audit = auditInsert(deed, sql`(VALUES (1)) AS once`, parts.effects.clock);
  const reading = findHitRows(db, ids, audit, touch ? now : undefined);
  const shown = ids.flatMap((id) => wholeText(found.get(id)) ?? []);
  const isKnown = shown.length === ids.length;
  const remember = (texts: readonly ShownText[]) =>
    rememberRecalled(db, parts, identity, sessionId, texts);
  const [rows] = await Promise.all([reading, ...(isKnown ? [remember(shown), commit()] : [])]);
  const hits = toHits(ranked, rows, parts);
  if (!isKnown) await remember(hits);
  return hits;
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

type ShownText = Readonly<{ id: string; content: string }>;

/** Undefined where only the beginning and the end of the text were read. */
function wholeText(memory: Found | undefined): ShownText | undefined {
  if (memory === undefined) return undefined;
  const { row, text } = memory;
  const isWhole = row.content_bytes === null || row.content_bytes <= LONGEST_WHOLE;
  return isWhole ? { id: row.id, content: text } : undefined;
}
