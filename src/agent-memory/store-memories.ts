import { DuetMindError } from "../core/errors.ts";
import { show } from "../core/parse.ts";
import type { Database } from "../store/database.ts";
import { addAssociations } from "./associations/associate.ts";
import { insertTasks } from "./associations/task-queries.ts";
import { deleteMemories } from "./delete-memories.ts";
import {
  insertMemories,
  insertVectors,
  lockByDigest,
  type NewMemoryRow,
  strengthen,
  touchSessions,
} from "./insert-memory-queries.ts";
import type { MemoryIdentity, NewMemory, StoredMemory } from "./memory.ts";
import { auditMemories } from "./memory-audit.ts";
import type { MemoryParts } from "./memory-parts.ts";
import { type Draft, memoryKey, planStore } from "./plan-store.ts";
import { searchedText } from "./searched-text.ts";
import { within } from "./within.ts";

/** Where memories come from. What is imported again is left as it is; what is said again grows stronger. */
export type StoreManner = Readonly<{
  origin: NewMemoryRow["origin"];
  action: string;
  strengthens: boolean;
}>;

export const STORED = { origin: "stored", action: "memory.store", strengthens: true } as const;

/**
 * Stores parsed memories, all or none: their rows, vectors and audit record are one transaction, so
 * that a memory is durable and whole when its id is returned. Embedding comes before the transaction,
 * which other clients of the embedded database wait for.
 */
export async function storeMemories(
  parts: MemoryParts,
  identity: MemoryIdentity,
  memories: readonly NewMemory[],
  manner: StoreManner,
): Promise<StoredMemory[]> {
  if (memories.length === 0) return [];
  const { clock } = parts.effects;
  const now = clock.now();
  memories.forEach((memory, i) => void assertNotExpired(memory, i, memories.length, now));
  const { drafts, draftOf } = planStore(memories, manner.origin, clock);
  const vectors = await parts.embedder.embed(drafts.map(({ memory }) => searchedText(memory)));
  const sessions = [...new Set(memories.map(({ sessionId }) => sessionId))];
  // what has expired is seen, so that it can make room for the same memory
  const stored = await within(parts.database, { identity, sessions, at: null }, async (db) => {
    await touchSessions(db, identity, sessions, now);
    const placed = await place(db, identity, drafts, manner, parts);
    const fresh = drafts.flatMap(({ row }, i) =>
      placed[i]!.isNew
        ? vectors[i]!.map((vector, chunk) => ({ ...ownerOf(row), chunk, vector }))
        : [],
    );
    await insertVectors(db, identity, parts.embedder, fresh);
    const newRows = drafts.flatMap(({ row }, i) => (placed[i]!.isNew ? [row] : []));
    await insertTasks(db, identity, newRows, now);
    const associations = drafts.flatMap(({ memory }, i) =>
      (memory.associations ?? []).map(({ to, relation, strength = 1 }) => ({
        ...{ from: placed[i]!.id, to, relation, strength },
      })),
    );
    await addAssociations(db, identity, associations, now);
    const ids = placed.map(({ id }) => id);
    const digests = drafts.map(({ row }) => row.content_digest);
    const repeated = ids.filter((_, i) => !placed[i]!.isNew);
    const deed = { action: manner.action, ids, parts: digests, details: { sessions, repeated } };
    await auditMemories(db, identity, deed, clock);
    return placed;
  });
  const seen = new Set<number>();
  return draftOf.map((at) => {
    const isFirst = !seen.has(at);
    seen.add(at);
    const { id, isNew } = stored[at]!;
    return { id, deduplicated: !(isNew && isFirst), similar: [] };
  });
}

function ownerOf(row: NewMemoryRow) {
  return { memoryId: row.id, sessionId: row.session_id, scope: row.scope };
}

type Placed = Readonly<{ id: string; isNew: boolean }>;

/** Inserts what is new, takes away what has expired under the same digest, strengthens the rest. */
async function place(
  db: Database,
  identity: MemoryIdentity,
  drafts: readonly Draft[],
  { strengthens }: StoreManner,
  { effects: { clock } }: MemoryParts,
): Promise<Placed[]> {
  const now = clock.now();
  const placed = new Map<Draft, Placed>();
  const repeats: Parameters<typeof strengthen>[1][number][] = [];
  const repeat = ({ row }: Draft, id: string, times: number) => {
    if (strengthens && times > 0) {
      repeats.push({ id, importance: row.importance_score, expiresAt: row.expires_at, times });
    }
  };
  let pending = drafts;
  while (pending.length > 0) {
    const rows = pending.map(({ row }) => row);
    const inserted = await insertMemories(db, identity, rows, now);
    for (const draft of pending) {
      if (!inserted.has(draft.row.id)) continue;
      placed.set(draft, { id: draft.row.id, isNew: true });
      repeat(draft, draft.row.id, draft.times - 1);
    }
    pending = pending.filter((draft) => !placed.has(draft));
    if (pending.length === 0) break;
    const keys = pending.map(({ row }) => ({
      sessionId: row.session_id,
      digest: row.content_digest,
    }));
    const known = await lockByDigest(db, identity, keys);
    const expired = known.filter(({ expires_at }) => expires_at !== null && expires_at <= now);
    await deleteMemories(db, identity, expired, { action: "memory.expire" }, clock);
    const living = new Map(
      known
        .filter((each) => !expired.includes(each))
        .map(({ id, session_id, content_digest }) => [memoryKey(session_id, content_digest), id]),
    );
    for (const draft of pending) {
      const id = living.get(memoryKey(draft.row.session_id, draft.row.content_digest));
      if (id === undefined) continue; // expired, or forgotten since: inserted in the next round
      placed.set(draft, { id, isNew: false });
      repeat(draft, id, draft.times);
    }
    pending = pending.filter((draft) => !placed.has(draft));
  }
  if (repeats.length > 0) await strengthen(db, repeats, now);
  return drafts.map((draft) => placed.get(draft)!);
}

function assertNotExpired({ expiresAt }: NewMemory, at: number, of: number, now: Date): void {
  if (expiresAt === undefined || expiresAt > now) return;
  const subject = of === 1 ? "memory" : `memories.${at}`;
  throw new DuetMindError(
    "BAD_INPUT",
    `${subject}: expiresAt: expected a time after ${show(now)}, got ${show(expiresAt)}`,
    { path: "expiresAt" },
  );
}
