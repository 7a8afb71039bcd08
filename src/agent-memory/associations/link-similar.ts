import type { StoredMemory } from "../memory.ts";
import type { MemoryParts } from "../memory-parts.ts";
import { become, UPKEEP, within } from "../within.ts";
import { findSimilar, insertSimilar, type SimilarRule } from "./similar-queries.ts";
import {
  awaitTasks,
  deleteTasks,
  LOCK_TIMEOUT,
  lockTasks,
  type MemoryTask,
  putOffTask,
  yieldToOthers,
} from "./task-queries.ts";

/** So many memories share a transaction: other clients of the embedded database wait for it. */
const BATCH = 16;
/** How long to leave memories to who holds them, and how often before somebody else comes back to them. */
const BUSY_MS = 50;
const MOST_BUSY = 20;

/**
 * Makes the `similar` associations of memories that are new, until none waits or the signal aborts.
 * The queue is a table: what a killed process was at is done by the next, and of two processes one gets
 * a task. Each memory is looked at as its own session sees it, so that no link leads where its owner may
 * not look. Gives how many memories were done.
 */
export async function linkSimilar(parts: MemoryParts, signal: AbortSignal): Promise<number> {
  let done = 0;
  let busy = 0;
  for (let most = BATCH; !signal.aborted; ) {
    try {
      const linked = await linkBatch(parts, most);
      if (linked === 0) break;
      done += linked;
      busy = 0;
    } catch (error) {
      if ((error as { code?: unknown }).code === LOCK_TIMEOUT) {
        if (++busy > MOST_BUSY) break;
        await parts.effects.clock.sleep(BUSY_MS, signal);
        continue;
      }
      // one of the batch cannot be done: alone it fails alone, and is put off
      if (most > 1) most = 1;
      else {
        await putOff(parts);
        throw error;
      }
    }
  }
  return done;
}

function linkBatch(parts: MemoryParts, most: number): Promise<number> {
  const now = parts.effects.clock.now();
  const rule = ruleOf(parts);
  return within(parts.database, { identity: UPKEEP, at: now }, async (db) => {
    await yieldToOthers(db);
    const tasks = await lockTasks(db, now, most);
    for (const [session, ids] of rule.above > 1 ? [] : bySession(tasks)) {
      const identity = { ...session, reach: "session" } as const;
      await become(db, { identity, sessions: [session.sessionId], at: now });
      await insertSimilar(db, session, ids, rule, now);
    }
    await become(db, { identity: UPKEEP, at: now });
    await deleteTasks(
      db,
      tasks.map(({ memoryId }) => memoryId),
    );
    return tasks.length;
  });
}

function putOff(parts: MemoryParts): Promise<void> {
  const now = parts.effects.clock.now();
  return within(parts.database, { identity: UPKEEP, at: now }, (db) => putOffTask(db, now));
}

function bySession(tasks: readonly MemoryTask[]): [MemoryTask, string[]][] {
  const sessions = new Map<string, [MemoryTask, string[]]>();
  for (const task of tasks) {
    const key = JSON.stringify([task.tenant, task.agent, task.sessionId]);
    const known = sessions.get(key);
    if (known === undefined) sessions.set(key, [task, [task.memoryId]]);
    else known[1].push(task.memoryId);
  }
  return [...sessions.values()];
}

/**
 * Links what is new in a session, and waits for what another process is linking: whoever asks next sees
 * every link. What was put off stays put off.
 */
export async function linkSession(
  parts: MemoryParts,
  owner: Readonly<{ tenant: string; agent: string }>,
  sessionId: string,
): Promise<void> {
  const asking = { identity: UPKEEP, at: null };
  const signal = new AbortController().signal;
  for (let tries = 0; tries < 2; tries++) {
    await linkSimilar(parts, signal);
    // left where another process was killed at them: then they are ours
    const left = await within(parts.database, asking, (db) => awaitTasks(db, owner, sessionId));
    if (left === 0) return;
  }
}

function ruleOf({ params, embedder }: MemoryParts): SimilarRule {
  const { similar_above: above, most_similar: most } = params.associations;
  return { fingerprint: embedder.fingerprint, above, most };
}

/** What a memory that was just stored is like, as its session sees it: for who stores one at a time. */
export function similarTo(
  parts: MemoryParts,
  owner: Readonly<{ tenant: string; agent: string }>,
  sessionId: string,
  memoryId: string,
): Promise<StoredMemory["similar"]> {
  const { tenant, agent } = owner;
  const identity = { tenant, agent, reach: "session" } as const;
  const asking = { identity, sessions: [sessionId], at: parts.effects.clock.now() };
  return within(parts.database, asking, (db) =>
    findSimilar(db, { tenant, agent, sessionId }, memoryId, ruleOf(parts)),
  );
}
