import { DuetMindError } from "../core/errors.ts";
import { show } from "../core/parse.ts";
import type { Database } from "../store/database.ts";
import { addAssociations } from "./associations/associate.ts";
import { insertTasks } from "./associations/task-queries.ts";
import { deleteMemories } from "./delete-memories.ts";
import {
  findByDigest,
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
import { type Draft, memoryKey, planStore, type StorePlan } from "./plan-store.ts";
import { prepareMemory } from "./privacy/prepare-memory.ts";
import { findRestated } from "./privacy/recall-guard.ts";
import type { Redaction } from "./privacy/redact.ts";
import { searchedText } from "./searched-text.ts";
import { type Asking, within } from "./within.ts";

/** Where memories come from. What is imported again is left as it is; what is said again grows stronger. */
export type StoreManner = Readonly<{
  origin: NewMemoryRow["origin"];
  action: string;
  strengthens: boolean;
}>;

export const STORED = { origin: "stored", action: "memory.store", strengthens: true } as const;

/** What is decided and computed before anything is written. */
export type PreparedStore = Readonly<{
  memories: readonly NewMemory[];
  /** What was taken out of each. */
  redacted: readonly Redaction["counts"][];
  plan: StorePlan;
  /** Vectors of the chunks of each draft; none for one that was found to be there. */
  vectors: readonly (readonly Float32Array[])[];
  sessions: readonly string[];
}>;

/** Stores parsed memories, all or none. */
export async function storeMemories(
  parts: MemoryParts,
  identity: MemoryIdentity,
  memories: readonly NewMemory[],
  manner: StoreManner,
): Promise<StoredMemory[]> {
  const prepared = await prepareStore(parts, identity, memories, manner);
  return storePrepared(parts, identity, prepared, manner);
}

/**
 * Redacts and embeds what will be stored, before the transaction that other clients of the embedded database wait
 * for. What is imported again is looked up first, so that it costs no embedding.
 */
export async function prepareStore(
  parts: MemoryParts,
  identity: MemoryIdentity,
  given: readonly NewMemory[],
  manner: StoreManner,
): Promise<PreparedStore> {
  const now = parts.effects.clock.now();
  given.forEach((memory, i) => void assertNotExpired(memory, i, given.length, now));
  const prepared = await Promise.all(given.map((memory) => prepareMemory(memory, parts.privacy)));
  const memories = prepared.map(({ memory }) => memory);
  const writer = { clock: parts.effects.clock, seal: parts.privacy.seal, tenant: identity.tenant };
  const plan = planStore(memories, manner.origin, writer);
  const sessions = [...new Set(memories.map(({ sessionId }) => sessionId))];
  const isThere = manner.strengthens
    ? () => false
    : await findThere(parts, { identity, sessions, at: now }, plan);
  const fresh = plan.drafts.filter((draft) => !isThere(draft));
  const embedded = await parts.embedder.embed(fresh.map(({ memory }) => searchedText(memory)));
  const vectorsOf = new Map(fresh.map((draft, i) => [draft, embedded[i]!]));
  return {
    memories,
    redacted: prepared.map(({ redacted }) => redacted),
    plan,
    sessions,
    vectors: plan.drafts.map((draft) => vectorsOf.get(draft) ?? []),
  };
}

async function findThere(parts: MemoryParts, asking: Asking, { drafts }: StorePlan) {
  const keys = drafts.map(({ row }) => ({ sessionId: row.session_id, digest: row.content_digest }));
  const known = await within(parts.database, asking, (db) =>
    findByDigest(db, asking.identity, keys),
  );
  const there = new Set(known.map((each) => memoryKey(each.session_id, each.content_digest)));
  return ({ row }: Draft) => there.has(memoryKey(row.session_id, row.content_digest));
}

/**
 * Writes the rows, vectors and audit record of a batch in one transaction: a memory is durable and
 * whole when its id is returned.
 */
export async function storePrepared(
  parts: MemoryParts,
  identity: MemoryIdentity,
  { memories, redacted, plan: { drafts, draftOf }, vectors, sessions }: PreparedStore,
  manner: StoreManner,
): Promise<StoredMemory[]> {
  if (drafts.length === 0) return [];
  const { clock } = parts.effects;
  const now = clock.now();
  // what has expired is seen, so that it can make room for the same memory
  const write = async (db: Database) => {
    await touchSessions(db, identity, sessions, now);
    const restated = manner.strengthens
      ? await findRestated(db, parts, identity, withVectors(drafts, vectors))
      : [];
    const others = drafts.filter((_, i) => restated[i] === undefined);
    const places = (await place(db, identity, others, manner, parts)).values();
    const placed = drafts.map((_, i): Placed => {
      const id = restated[i];
      return id === undefined ? places.next().value! : { id, isNew: false };
    });
    const fresh = placed.flatMap(({ isNew }, i) => (isNew ? [i] : []));
    if (fresh.some((i) => vectors[i]!.length === 0)) throw new Vanished();
    const rows = fresh.flatMap((i) =>
      vectors[i]!.map((vector, chunk) => ({ ...ownerOf(drafts[i]!.row), chunk, vector })),
    );
    await insertVectors(db, identity, parts.embedder, rows);
    const newRows = fresh.map((i) => drafts[i]!.row);
    if (parts.params.associations.similar_above <= 1) {
      await insertTasks(db, identity, newRows, now);
    }
    const associations = drafts.flatMap(({ memory }, i) =>
      (memory.associations ?? []).map(({ to, relation, strength = 1 }) => ({
        ...{ from: placed[i]!.id, to, relation, strength },
      })),
    );
    await addAssociations(db, identity, associations, now);
    const ids = placed.map(({ id }) => id);
    const digests = drafts.map(({ row }) => row.content_digest);
    const repeated = ids.filter((_, i) => !placed[i]!.isNew);
    const recalled = restated.filter((id) => id !== undefined);
    const details = { sessions, repeated, ...(recalled.length === 0 ? {} : { recalled }) };
    const deed = { action: manner.action, ids, parts: digests, details };
    await auditMemories(db, identity, deed, clock);
    return placed;
  };
  let stored: readonly Placed[];
  try {
    stored = await within(parts.database, { identity, sessions, at: null }, write);
  } catch (error) {
    if (!(error instanceof Vanished)) throw error;
    return storeMemories(parts, identity, memories, manner);
  }
  const seen = new Set<number>();
  return draftOf.map((at, i) => {
    const isFirst = !seen.has(at);
    seen.add(at);
    const { id, isNew } = stored[at]!;
    const counts = redacted[i]!;
    return {
      ...{ id, deduplicated: !(isNew && isFirst), similar: [] },
      ...(Object.keys(counts).length === 0 ? {} : { redacted: counts }),
    };
  });
}

/** What was there when a batch was prepared was forgotten before it was written. */
class Vanished extends Error {}

function withVectors(drafts: readonly Draft[], vectors: PreparedStore["vectors"]) {
  return drafts.map(({ memory }, i) => ({ memory, vectors: vectors[i]! }));
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
