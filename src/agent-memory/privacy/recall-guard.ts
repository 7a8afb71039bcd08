import { canonicalJson } from "../../core/canonical-json.ts";
import type { Database } from "../../store/database.ts";
import type { Lane } from "../../store/travel-together.ts";
import { factsOf, haveSameFacts } from "../associations/text-facts.ts";
import type { MemoryIdentity, MemoryRecord, NewMemory } from "../memory.ts";
import type { MemoryParts } from "../memory-parts.ts";
import { toMemoryRecord } from "../memory-row.ts";
import { UPKEEP, within } from "../within.ts";
import {
  deleteRecalls,
  findRecalled,
  hasRecalls,
  insertRecalls,
  type Recall,
} from "./recall-queries.ts";
import { textDigest } from "./text-digest.ts";

// What an agent was just shown comes back as something it "learned": without a guard the memory fills
// with copies of its own answers, each of which makes the next recall, and its strength, greater. So
// what is recalled is written down, and a text that says the same within `recall_minutes` becomes the
// memory that was recalled, which does not grow stronger by it.

/** Memories that were shown at one time, in a session or in none. */
type Recalled = Readonly<{
  sessionId: string | undefined;
  at: Date;
  memories: readonly Pick<MemoryRecord, "id" | "content">[];
}>;

/** Writes down which memories an agent was shown; of several times in one session the last. */
export async function rememberRecalled(
  db: Lane,
  parts: MemoryParts,
  { tenant, agent }: MemoryIdentity,
  shown: readonly Recalled[],
): Promise<void> {
  if (parts.params.recall_minutes === 0) return;
  const recalls = new Map<string, Recall>();
  for (const { sessionId = "", at, memories } of shown) {
    for (const { id, content } of memories) {
      const digest = textDigest(content, parts.privacy.seal);
      recalls.set(JSON.stringify([id, sessionId]), { id, sessionId, at, digest });
    }
  }
  await insertRecalls(db, { tenant, agent }, [...recalls.values()]);
}

/**
 * For each memory that is about to be stored the id of the one that it restates; undefined where it is
 * new. In its own session a memory with metadata of its own is never taken for another: equal texts with
 * other metadata are kept apart there.
 */
export async function findRestated(
  db: Database,
  parts: MemoryParts,
  identity: MemoryIdentity,
  memories: readonly Readonly<{ memory: NewMemory; vectors: readonly Float32Array[] }>[],
): Promise<(string | undefined)[]> {
  const { params, embedder, privacy, effects } = parts;
  const none = memories.map(() => undefined);
  const now = effects.clock.now();
  const since = new Date(now.getTime() - params.recall_minutes * 60_000);
  const sessions = [...new Set(memories.map(({ memory }) => memory.sessionId))];
  if (params.recall_minutes === 0 || memories.length === 0) return none;
  if (!(await hasRecalls(db, identity, sessions, since))) return none;
  const texts = memories.map(({ memory: { sessionId, content }, vectors }) => ({
    sessionId,
    digest: textDigest(content, privacy.seal),
    vector: vectors.length === 1 ? vectors[0] : undefined,
  }));
  const { fingerprint, dimensions } = embedder;
  const rule = { since, now, fingerprint, dimensions, above: params.recall_similarity };
  const restated: (string | undefined)[] = [...none];
  for (const row of await findRecalled(db, identity, texts, rule)) {
    const { memory } = memories[row.at]!;
    restated[row.at] ??= isRestated(memory, toMemoryRecord(row, privacy), row.same_text, identity)
      ? row.id
      : undefined;
  }
  return restated;
}

function isRestated(
  memory: NewMemory,
  shown: MemoryRecord,
  sameText: boolean,
  { agent }: MemoryIdentity,
): boolean {
  const isOwn = shown.agent === agent && shown.sessionId === memory.sessionId;
  const metadata = canonicalJson(memory.metadata ?? {});
  if (isOwn && metadata !== "{}" && metadata !== canonicalJson(shown.metadata)) return false;
  return sameText || haveSameFacts(factsOf(memory.content), factsOf(shown.content));
}

/** Takes away what was shown too long ago to matter, of every agent. */
export function purgeRecalls({ database, params, effects }: MemoryParts): Promise<number> {
  const now = effects.clock.now();
  const before = new Date(now.getTime() - params.recall_minutes * 60_000);
  return within(database, { identity: UPKEEP, at: now }, (db) => deleteRecalls(db, before));
}
