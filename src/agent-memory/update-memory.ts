import { sql } from "kysely";
import { z } from "zod";
import { DuetMindError } from "../core/errors.ts";
import { parseWith, show } from "../core/parse.ts";
import type { Database } from "../store/database.ts";
import { contentDigest } from "./content-digest.ts";
import { insertVectors } from "./insert-memory-queries.ts";
import type { Memory, MemoryIdentity, MemoryPatch, MemoryRecord } from "./memory.ts";
import { auditMemories } from "./memory-audit.ts";
import type { MemoryParts } from "./memory-parts.ts";
import { MEMORY_COLUMNS, type MemoryRow, toMemoryRecord } from "./memory-row.ts";
import { assertPeriod, memoryFields, memoryId } from "./parse-memory.ts";
import { redactTexts } from "./privacy/prepare-memory.ts";
import type { ContentSeal } from "./privacy/seal-content.ts";
import { trustOf } from "./privacy/suspicions.ts";
import { noMemory } from "./read-memories.ts";
import { findMemory } from "./read-memory-queries.ts";
import { termCode, textTerms } from "./retrieval/text-terms.ts";
import { searchedText } from "./searched-text.ts";
import { inSession, within } from "./within.ts";

const MAY_BE_TAKEN_AWAY = [
  "subject",
  "source",
  "actor",
  "validFrom",
  "validTo",
  "expiresAt",
] as const;

/** Changes a memory; one whose searched text changes gets the vectors of the new text with it. */
export function createUpdate(
  parts: MemoryParts,
  identity: MemoryIdentity,
): Pick<Memory, "updateMemory"> {
  const { clock } = parts.effects;
  const { seal } = parts.privacy;
  const recordOf = (row: MemoryRow) => toMemoryRecord(row, parts.privacy);
  const fields = memoryFields(parts.params);
  const nullable = MAY_BE_TAKEN_AWAY.map((name) => [name, fields[name].nullable()] as const);
  const schema = z.strictObject({ ...fields, ...Object.fromEntries(nullable) }).partial();

  function parsePatch(input: unknown): MemoryPatch {
    const patch = parseWith(schema, input, "memory") as MemoryPatch;
    const { expiresAt } = patch;
    if (expiresAt && expiresAt <= clock.now()) {
      throw new DuetMindError(
        "BAD_INPUT",
        `memory: expiresAt: expected a time after ${show(clock.now())}, got ${show(expiresAt)}`,
        { path: "expiresAt", hint: "forget the memory instead" },
      );
    }
    return patch;
  }

  return {
    async updateMemory(id, input, { sessionId, check } = {}) {
      const { value: patch } = await redactTexts(parsePatch(input), parts.privacy);
      if (!memoryId.safeParse(id).success) throw noMemory(id);
      const asking = { ...inSession(identity, sessionId), at: clock.now() };
      for (;;) {
        const seen = await within(parts.database, asking, (db) => findMemory(db, id));
        if (seen === undefined) throw noMemory(id);
        const planned = changed(recordOf(seen), patch);
        const isReworded = searchedText(planned) !== searchedText(recordOf(seen));
        // before the transaction, which other clients of the embedded database wait for
        const [vectors] = isReworded ? await parts.embedder.embed([searchedText(planned)]) : [];
        const row = await within(parts.database, asking, async (db) => {
          const current = await lockMemory(db, id);
          if (current === undefined) throw await notWritable(db, id);
          check?.(recordOf(current));
          if (isReworded && searchedText(recordOf(current)) !== searchedText(recordOf(seen))) {
            return undefined; // another writer came between: its words may be part of ours
          }
          const next = changed(recordOf(current), patch);
          assertPeriod(next, "memory");
          const written = await writeMemory(db, next, seal, clock.now());
          if (vectors !== undefined) await replaceVectors(db, parts, next, vectors);
          const details = { changed: Object.keys(patch).sort() };
          const deed = {
            action: "memory.update",
            ids: [id],
            parts: contentDigest(next, seal),
            details,
          };
          await auditMemories(db, identity, deed, clock);
          return written;
        });
        if (row !== undefined) return recordOf(row);
      }
    },
  };
}

/** The memory with the patch over it. */
function changed(memory: MemoryRecord, patch: MemoryPatch): MemoryRecord {
  const known = Object.entries(patch).filter(([, value]) => value !== undefined);
  const next: MemoryRecord = { ...memory, ...Object.fromEntries(known) };
  return { ...next, trust: trustOf(next.trust, next.content) };
}

/** The row where the caller may write it: FOR UPDATE leaves out what is only shared with it. */
async function lockMemory(db: Database, id: string): Promise<MemoryRow | undefined> {
  const { rows } = await sql<MemoryRow>`SELECT ${MEMORY_COLUMNS} FROM duetmind.agent_memory m
    WHERE m.id = ${id} FOR UPDATE`.execute(db);
  return rows[0];
}

async function notWritable(db: Database, id: string): Promise<DuetMindError> {
  if ((await findMemory(db, id)) === undefined) return noMemory(id);
  return new DuetMindError(
    "PERMISSION_DENIED",
    `memory: expected one of the caller's own, got ${show(id)}, which another shares`,
  );
}

const UNIQUE_VIOLATION = "23505";

async function writeMemory(
  db: Database,
  memory: MemoryRecord,
  seal: ContentSeal | undefined,
  now: Date,
): Promise<MemoryRow> {
  const clear = seal === undefined ? memory.content : null;
  const sealed = seal?.seal(memory.content, memory) ?? null;
  const terms = textTerms(searchedText(memory)).map((term) => termCode(term, seal));
  const { rows } = await sql<MemoryRow>`UPDATE duetmind.agent_memory m
    SET content = ${clear}, content_sealed = ${sealed},
      content_digest = ${contentDigest(memory, seal)}, terms = ${terms}::integer[],
      memory_type = ${memory.memoryType}, importance_score = ${memory.importance},
      metadata = ${JSON.stringify(memory.metadata)}::jsonb, scope = ${memory.scope},
      subject = ${memory.subject}, source = ${memory.source}, actor = ${memory.actor},
      trust = ${memory.trust}, valid_from = ${memory.validFrom}, valid_to = ${memory.validTo},
      expires_at = ${memory.expiresAt}, updated_at = ${now}
    WHERE m.id = ${memory.id} RETURNING ${MEMORY_COLUMNS}`
    .execute(db)
    .catch((error: unknown) => {
      if ((error as { code?: unknown }).code !== UNIQUE_VIOLATION) throw error;
      throw new DuetMindError(
        "CONFLICT",
        `memory ${memory.id}: expected content and metadata that no other memory of its session has, got equal ones`,
        { cause: error },
      );
    });
  await sql`UPDATE duetmind.memory_embedding SET scope = ${memory.scope}
    WHERE memory_id = ${memory.id} AND scope <> ${memory.scope}`.execute(db);
  return rows[0]!;
}

async function replaceVectors(
  db: Database,
  { embedder }: MemoryParts,
  { id, tenant, agent, sessionId, scope }: MemoryRecord,
  vectors: readonly Float32Array[],
): Promise<void> {
  await sql`DELETE FROM duetmind.memory_embedding WHERE memory_id = ${id}`.execute(db);
  const rows = vectors.map((vector, chunk) => ({ memoryId: id, sessionId, scope, chunk, vector }));
  await insertVectors(db, { tenant, agent }, embedder, rows);
}
