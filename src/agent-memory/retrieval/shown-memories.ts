import type { OpenedDatabase } from "../../store/database.ts";
import type { MemoryIdentity, MemoryRecord } from "../memory.ts";
import type { MemoryParts } from "../memory-parts.ts";
import { rememberRecalled } from "../privacy/recall-guard.ts";
import { within } from "../within.ts";
import { countAccesses } from "./access-queries.ts";

/** What one retrieval has shown, and to whom. */
export type Shown = Readonly<{
  identity: MemoryIdentity;
  sessionId: string | undefined;
  at: Date;
  /** Whether it counts as an access. */
  isAccess: boolean;
  memories: readonly Pick<MemoryRecord, "id" | "content">[];
}>;

/**
 * Takes note of what was shown, behind the answer: accesses, and what the guard against recalled texts has
 * to know. Whoever reads or writes memories in this process finds it written; searches and other processes
 * find it a moment later. A process that is killed loses the moment, never the audit, which is written with the answer.
 */
export type ShownMemories = Readonly<{
  /** Comes back at once, unless much waits to be written. */
  note(shown: Shown): Promise<void>;
  /** Ends when everything that was noted before is written. */
  written(): Promise<void>;
  /** The same database, on which a transaction begins with everything written. */
  before(database: OpenedDatabase): OpenedDatabase;
}>;

/**
 * Retrievals of that time are written together: a memory that several of them show is written once. Of more
 * time more would be, in a longer piece, which whoever asks meanwhile waits for.
 */
const WRITE_AFTER_MS = 50;
const MOST_NOTED = 100;

export function createShownMemories(parts: MemoryParts): ShownMemories {
  let noted: Shown[] = [];
  let writing: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;

  function written(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    if (noted.length === 0) return writing;
    const groups = groupByCaller(noted);
    noted = [];
    writing = writing.then(async () => {
      for (const group of groups) await write(parts, group).catch(parts.report);
    });
    return writing;
  }

  return {
    async note(shown) {
      if (shown.memories.length === 0) return;
      noted.push(shown);
      timer ??= setTimeout(written, WRITE_AFTER_MS);
      if (noted.length >= MOST_NOTED) await written();
    },
    written,
    before: (database) => ({
      ...database,
      async transaction(run) {
        await written();
        return database.transaction(run);
      },
    }),
  };
}

/** One transaction is about one caller. */
function groupByCaller(noted: readonly Shown[]): Shown[][] {
  const groups = new Map<string, Shown[]>();
  for (const shown of noted) {
    const { tenant, agent, reach } = shown.identity;
    const key = JSON.stringify([tenant, agent, reach]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [shown]);
    else group.push(shown);
  }
  return [...groups.values()];
}

async function write(parts: MemoryParts, group: readonly Shown[]): Promise<void> {
  const { identity } = group[0]!;
  const sessions = [...new Set(group.flatMap(({ sessionId }) => sessionId ?? []))];
  // at: null, for what has expired meanwhile was shown as well
  await within(parts.database, { identity, sessions, at: null }, async (db) => {
    await countAccesses(
      db,
      group.filter(({ isAccess }) => isAccess),
    );
    await rememberRecalled(db, parts, identity, group);
  });
}
