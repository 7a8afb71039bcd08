import { z } from "zod";
import { DuetMindError } from "../../core/errors.ts";
import { parseWith } from "../../core/parse.ts";
import { linkSession } from "../associations/link-similar.ts";
import { contentDigest } from "../content-digest.ts";
import { deleteMemories } from "../delete-memories.ts";
import type {
  ConsolidationProposal,
  Memory,
  MemoryIdentity,
  MemoryRecord,
  NewMemory,
} from "../memory.ts";
import { auditMemories } from "../memory-audit.ts";
import type { MemoryParts } from "../memory-parts.ts";
import { toMemoryRecord } from "../memory-row.ts";
import { memoryId, memorySessionId } from "../parse-memory.ts";
import { assertSession, noMemory } from "../read-memories.ts";
import { findMemory } from "../read-memory-queries.ts";
import { storeMemories } from "../store-memories.ts";
import { inSession, within } from "../within.ts";
import {
  findLinked,
  findNearPairs,
  restoreSuperseded,
  supersede,
} from "./consolidation-queries.ts";
import { effectiveImportance } from "./effective-importance.ts";
import { type Candidate, planConsolidation } from "./plan-consolidation.ts";

type Consolidation = Pick<Memory, "consolidateSession" | "undoConsolidation">;

const options = z.strictObject({ dryRun: z.boolean().default(false) });
const CONSOLIDATED = {
  origin: "consolidated",
  action: "memory.consolidate",
  strengthens: false,
} as const;

/** The methods of a caller's memory that merge near-duplicates, and take that back. */
export function createConsolidation(parts: MemoryParts, identity: MemoryIdentity): Consolidation {
  const { privacy } = parts;
  const { clock } = parts.effects;
  return {
    async consolidateSession(sessionId, given = {}) {
      const { dryRun } = parseWith(options, given, "consolidation");
      const session = parseWith(memorySessionId, sessionId, "sessionId");
      await linkSession(parts, identity, session); // what is near is known by its links
      const proposed = await propose(parts, identity, session);
      const proposals = proposed.map(({ proposal }) => proposal);
      if (dryRun) {
        await auditPreview(parts, identity, session, proposals);
        return { proposals, merged: 0 };
      }
      let merged = 0;
      for (const each of proposed) merged += await merge(parts, identity, each);
      return { proposals, merged };
    },
    async undoConsolidation(id, { sessionId } = {}) {
      if (!memoryId.safeParse(id).success) throw noMemory(id);
      const now = clock.now();
      return within(parts.database, { ...inSession(identity, sessionId), at: now }, async (db) => {
        const row = await findMemory(db, id);
        if (row === undefined) throw noMemory(id);
        const restored = await restoreSuperseded(db, id, now);
        const deed = { action: "memory.unconsolidate", ids: [id, ...restored] };
        await auditMemories(db, identity, deed, clock);
        // a summary stands for nothing once what it sums up is back
        if (row.origin === "consolidated" && restored.length > 0) {
          const summary = {
            id,
            content_digest: contentDigest(toMemoryRecord(row, privacy), privacy.seal),
          };
          await deleteMemories(db, identity, [summary], { action: "memory.unconsolidate" }, clock);
        }
        return { restored };
      });
    },
  };
}

/** Proposals say what memories say: whoever asked for them has read those. */
function auditPreview(
  { database, effects: { clock } }: MemoryParts,
  identity: MemoryIdentity,
  sessionId: string,
  proposals: readonly ConsolidationProposal[],
): Promise<void> {
  const ids = proposals.flatMap(({ keep, merge }) => [keep, ...merge]);
  const details = { of: "consolidate", session: sessionId };
  const deed = { action: "memory.preview", ids, details };
  const asking = { ...inSession(identity, sessionId), at: clock.now() };
  return within(database, asking, (db) => auditMemories(db, identity, deed, clock));
}

type Proposed = Readonly<{
  proposal: ConsolidationProposal;
  keep: MemoryRecord;
  merge: readonly MemoryRecord[];
}>;

async function propose(
  parts: MemoryParts,
  identity: MemoryIdentity,
  sessionId: string,
): Promise<Proposed[]> {
  const { params, embedder, privacy, effects } = parts;
  const now = effects.clock.now();
  const above = params.life_cycle.consolidate_above;
  const asking = { ...inSession(identity, sessionId), at: now };
  const { records, pairs } = await within(parts.database, asking, async (db) => {
    await assertSession(db, sessionId);
    const rows = await findLinked(db, { agent: identity.agent, sessionId }, above);
    const ids = rows.map(({ id }) => id);
    const rule = { fingerprint: embedder.fingerprint, above };
    return {
      records: new Map(rows.map((row) => [row.id, toMemoryRecord(row, privacy)])),
      pairs: await findNearPairs(db, ids, rule),
    };
  });
  const candidates = [...records.values()].map((record) => toCandidate(record, now, parts));
  const clusters = planConsolidation(candidates, pairs);
  return Promise.all(
    clusters.map(async ({ keep, merge, similarity }) => {
      const ids = merge.map(({ id }) => id);
      const contents = [keep, ...merge].map(({ content }) => content);
      const summary = await parts.summarise(contents);
      return {
        proposal: { keep: keep.id, merge: ids, similarity, summary },
        keep: records.get(keep.id)!,
        merge: ids.map((id) => records.get(id)!),
      };
    }),
  );
}

function toCandidate(record: MemoryRecord, now: Date, { params }: MemoryParts): Candidate {
  const { id, content, trust, createdAt } = record;
  const kind = JSON.stringify([
    ...[record.memoryType, record.scope, record.subject, record.actor],
    ...[record.validFrom, record.validTo, record.expiresAt],
  ]);
  const worth = effectiveImportance(record, now, params.life_cycle);
  return { id, content, worth, trust, createdAt, kind };
}

/** Links the merged ones to what takes their place: the best of them, or a summary that says more. */
async function merge(
  parts: MemoryParts,
  identity: MemoryIdentity,
  { proposal, keep, merge: others }: Proposed,
): Promise<number> {
  const { clock } = parts.effects;
  const all = [keep, ...others];
  const isNew = proposal.summary !== keep.content;
  const [summary] = isNew
    ? await storeMemories(parts, identity, [toSummary(proposal.summary, all)], CONSOLIDATED)
    : [];
  const place = summary?.id ?? keep.id;
  const now = clock.now();
  return within(parts.database, { ...inSession(identity, keep.sessionId), at: now }, async (db) => {
    const ids = (isNew ? all : others).map(({ id }) => id);
    const superseded = await supersede(db, place, ids, now);
    const details = { keep: place, similarity: proposal.similarity };
    const deed = { action: "memory.consolidate", ids: [place, ...superseded], details };
    if (superseded.length > 0) await auditMemories(db, identity, deed, clock);
    return superseded.length;
  });
}

/** No more trusted than the least of what it sums up. */
function toSummary(content: string, all: readonly MemoryRecord[]): NewMemory {
  const [best] = all;
  if (best === undefined)
    throw new DuetMindError("INTERNAL", "consolidation: expected memories, got none");
  return {
    sessionId: best.sessionId,
    content,
    memoryType: best.memoryType,
    importance: Math.max(...all.map(({ importance }) => importance)),
    trust: Math.min(...all.map(({ trust }) => trust)),
    scope: best.scope,
    metadata: { consolidated_from: all.map(({ id }) => id) },
    ...(best.subject === null ? {} : { subject: best.subject }),
    ...(best.actor === null ? {} : { actor: best.actor }),
    ...(best.validFrom === null ? {} : { validFrom: best.validFrom }),
    ...(best.validTo === null ? {} : { validTo: best.validTo }),
    ...(best.expiresAt === null ? {} : { expiresAt: best.expiresAt }),
  };
}
