import { z } from "zod";
import { defined } from "../core/defined.ts";
import { DuetMindError } from "../core/errors.ts";
import { digestJson } from "../core/hash.ts";
import { parseWith, show } from "../core/parse.ts";
import type { ListPage, ListRequest } from "../search/list-page.ts";
import type { Lane } from "../store/travel-together.ts";
import { listMemoryRows, listSessionRows } from "./list-memory-queries.ts";
import type { Memory, MemoryIdentity, MemoryRecord } from "./memory.ts";
import { auditMemories } from "./memory-audit.ts";
import type { MemoryParts } from "./memory-parts.ts";
import { toMemoryRecord } from "./memory-row.ts";
import { memoryId, memorySessionId, memoryType } from "./parse-memory.ts";
import { findMemory, hasSession } from "./read-memory-queries.ts";
import { inSession, within } from "./within.ts";

type Reads = Pick<Memory, "getMemory" | "listMemories" | "listSessions">;

const page = {
  limit: z.int().min(1).max(1_000).default(100),
  pageToken: z.string().optional(),
  filter: z.string().default(""),
  orderBy: z.string().optional(),
  count: z.boolean().default(false),
};
const listSchema = z.strictObject({
  ...page,
  sessionId: memorySessionId.optional(),
  memoryTypes: z.array(memoryType).max(100).optional(),
});
const sessionsSchema = z.strictObject(page);

type PageFields = z.output<typeof sessionsSchema>;

function toRequest({ limit, pageToken, filter, orderBy, count }: PageFields): ListRequest {
  return { limit, pageToken, filter, orderBy, count };
}

function toPage<T>(items: readonly T[], { next_page_token, count }: ListPage<unknown>) {
  return { items, nextPageToken: next_page_token, ...(count === undefined ? {} : { count }) };
}

/** What the audit keeps of a filter: it may name whom a memory is about. */
const filterDetails = ({ filter }: PageFields) =>
  filter === "" ? {} : { filter: digestJson(filter) };

export function createReads(parts: MemoryParts, identity: MemoryIdentity): Reads {
  const { database, effects } = parts;
  const { clock } = effects;
  return {
    async getMemory(id, { sessionId } = {}) {
      if (!memoryId.safeParse(id).success) throw noMemory(id);
      const asking = { ...inSession(identity, sessionId), at: clock.now() };
      const row = await within(database, asking, async (db) => {
        const found = await findMemory(db, id);
        if (found === undefined) throw noMemory(id);
        await auditMemories(db, identity, { action: "memory.read", ids: [id] }, clock);
        return found;
      });
      return toMemoryRecord(row, parts.privacy);
    },
    async listMemories(options = {}) {
      const parsed = parseWith(listSchema, options, "memories");
      const { sessionId, memoryTypes } = parsed;
      const asking = { ...inSession(identity, sessionId), at: clock.now() };
      return within(database, asking, async (db) => {
        if (sessionId !== undefined) await assertSession(db, sessionId);
        const among = defined({ sessionId, memoryTypes });
        const found = await listMemoryRows(db, among, toRequest(parsed));
        const items: MemoryRecord[] = found.items.map((row) => toMemoryRecord(row, parts.privacy));
        const ids = items.map(({ id }) => id);
        const details = { ...among, ...filterDetails(parsed) };
        await auditMemories(db, identity, { action: "memory.list", ids, details }, clock);
        return toPage(items, found);
      });
    },
    async listSessions(options = {}) {
      const parsed = parseWith(sessionsSchema, options, "sessions");
      return within(database, { identity, at: clock.now() }, async (db) => {
        const found = await listSessionRows(db, toRequest(parsed));
        const sessions = found.items.map(({ sessionId }) => sessionId);
        const details = { sessions, ...filterDetails(parsed) };
        await auditMemories(db, identity, { action: "memory.sessions", ids: [], details }, clock);
        return toPage(found.items, found);
      });
    },
  };
}

/** A session is made by the first memory that is stored in it; reading one that is not there is an error. */
export async function assertSession(db: Lane, sessionId: string): Promise<void> {
  if (await hasSession(db, sessionId)) return;
  throw new DuetMindError(
    "NOT_FOUND",
    `memory session: expected one that has memories, got ${show(sessionId)}`,
    { hint: "duetmind memory sessions lists those that are there" },
  );
}

/** The same for what is not there and for what is another's, so that nobody learns which it is. */
export function noMemory(id: string): DuetMindError {
  return new DuetMindError(
    "NOT_FOUND",
    `memory: expected the id of one that is there, got ${show(id)}`,
  );
}
