import { z } from "zod";
import { DuetMindError } from "../core/errors.ts";
import { digestJson } from "../core/hash.ts";
import { parseWith } from "../core/parse.ts";
import type { Database } from "../store/database.ts";
import { shortText } from "./clean-text.ts";
import {
  deleteEmptySessions,
  deleteSelected,
  deleteSetAside,
  type GoneMemory,
  lockNamed,
  lockSelected,
  lockSessions,
  setAsideSelected,
} from "./forget-queries.ts";
import type { ForgetSelection, Memory, MemoryIdentity } from "./memory.ts";
import { auditMemories } from "./memory-audit.ts";
import type { MemoryParts } from "./memory-parts.ts";
import { toMemoryRecord } from "./memory-row.ts";
import {
  memoryId,
  memoryMetadata,
  memorySessionId,
  memoryTime,
  memoryType,
} from "./parse-memory.ts";
import { inSession, within } from "./within.ts";

const DAY_MS = 86_400_000;

const optionsSchema = z.strictObject({
  mode: z.enum(["soft", "hard"]).default("soft"),
  dryRun: z.boolean().default(false),
});

/**
 * Takes memories away: out of every search at once, with their vectors, terms and associations. `soft`
 * keeps the rows aside until they are purged, where no search looks; `hard` deletes them, and what was
 * forgotten softly before. The audit record names them by id and digest, without what they said.
 */
export function createForget(
  parts: MemoryParts,
  identity: MemoryIdentity,
): Pick<Memory, "forgetMemories"> {
  const { clock } = parts.effects;
  const schema = z.strictObject({
    id: memoryId.optional(),
    sessionId: memorySessionId.optional(),
    subject: shortText(500).optional(),
    memoryTypes: z.array(memoryType).min(1).max(100).optional(),
    metadata: memoryMetadata(parts.params).optional(),
    before: memoryTime.optional(),
  });

  async function forget(db: Database, selection: ForgetSelection, mode: "soft" | "hard") {
    const now = clock.now();
    if (mode === "hard") {
      return [...(await deleteSelected(db, selection)), ...(await deleteSetAside(db, selection))];
    }
    const purgeAt = new Date(now.getTime() + parts.params.keep_forgotten_days * DAY_MS);
    return setAsideSelected(db, selection, { now, purgeAt });
  }

  return {
    async forgetMemories(given, { check, ...options } = {}) {
      const selection = parseWith(schema, given, "what to forget") as ForgetSelection;
      const { mode, dryRun } = parseWith(optionsSchema, options, "forget");
      if (Object.values(selection).every((value) => value === undefined)) {
        throw new DuetMindError(
          "BAD_INPUT",
          "what to forget: expected an id, a session, a subject, types, metadata or a time, got none of them",
        );
      }
      const { sessionId, ...others } = selection;
      const isWholeSession =
        sessionId !== undefined && Object.values(others).every((value) => value === undefined);
      // what has expired and is not purged yet goes too
      const asking = { ...inSession(identity, sessionId), at: null };
      const gone = await within(parts.database, asking, async (db) => {
        const details = { mode, selection: digestJson(selectionOf(selection)) };
        if (dryRun) {
          const found = await lockSelected(db, selection);
          const ids = found.map(({ id }) => id);
          const deed = { action: "memory.preview", ids, details: { ...details, of: "forget" } };
          await auditMemories(db, identity, deed, clock);
          return found;
        }
        if (isWholeSession) await lockSessions(db, sessionId);
        if (check !== undefined) {
          const current = await lockNamed(db, selection);
          for (const row of current) check(toMemoryRecord(row, parts.privacy));
        }
        const rows = await forget(db, selection, mode);
        if (isWholeSession) await deleteEmptySessions(db, sessionId);
        const deed = { action: "memory.forget", ids: [], details };
        // that somebody asked is to be known, though there was nothing
        if (rows.length === 0) await auditMemories(db, identity, deed, clock);
        await auditGone(db, identity, deed.action, rows, details, parts);
        return rows;
      });
      const ids = gone.map(({ id }) => id);
      return { forgotten: ids.length, ids };
    },
  };
}

/** As JSON: what was selected may name a person, so the audit keeps its digest. */
function selectionOf({ before, ...selection }: ForgetSelection) {
  return { ...selection, before: before?.toISOString() };
}

/** Leaves a record for each agent whose memories went. */
export async function auditGone(
  db: Database,
  { actor }: Pick<MemoryIdentity, "actor">,
  action: string,
  gone: readonly GoneMemory[],
  details: Readonly<Record<string, unknown>>,
  { effects: { clock } }: Pick<MemoryParts, "effects">,
): Promise<void> {
  const owners = new Map<string, GoneMemory[]>();
  for (const each of gone) {
    const key = JSON.stringify([each.tenant, each.agent]);
    const rows = owners.get(key);
    if (rows === undefined) owners.set(key, [each]);
    else rows.push(each);
  }
  for (const rows of owners.values()) {
    const { tenant, agent } = rows[0]!;
    const ids = rows.map(({ id }) => id);
    const digests = rows.map(({ content_digest }) => content_digest);
    await auditMemories(
      db,
      { actor, tenant, agent },
      { action, ids, parts: digests, details },
      clock,
    );
  }
}
