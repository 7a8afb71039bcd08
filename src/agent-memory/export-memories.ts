import { z } from "zod";
import { parseWith } from "../core/parse.ts";
import { findLineAssociations } from "./associations/line-association-queries.ts";
import type { LineAssociation, Memory, MemoryIdentity, MemoryLine } from "./memory.ts";
import { auditMemories } from "./memory-audit.ts";
import { toMemoryLine } from "./memory-line.ts";
import type { MemoryParts } from "./memory-parts.ts";
import { toMemoryRecord } from "./memory-row.ts";
import { memorySessionId, memoryType } from "./parse-memory.ts";
import { assertSession } from "./read-memories.ts";
import { exportMemoryRows } from "./read-memory-queries.ts";
import { inSession, within } from "./within.ts";

const PAGE = 500;

const selectionSchema = z.strictObject({
  sessionId: memorySessionId.optional(),
  memoryTypes: z.array(memoryType).min(1).max(100).optional(),
});

/**
 * Gives memories in the order in which they were stored, a page at a time, each a short transaction: what
 * is stored meanwhile may or may not be among them. An association stands in the line of the end that was
 * stored later, so that an import knows the other; `similar` ones that the platform made are not among
 * them, for the cosines of one model say nothing to the next: an import has them made anew.
 */
export function createExport(
  parts: MemoryParts,
  identity: MemoryIdentity,
): Pick<Memory, "exportMemories"> {
  const { clock } = parts.effects;
  return {
    async *exportMemories(selection = {}): AsyncGenerator<MemoryLine> {
      const { sessionId, memoryTypes } = parseWith(selectionSchema, selection, "what to export");
      let after = 0;
      for (;;) {
        const asking = { ...inSession(identity, sessionId), at: clock.now() };
        const filter = { sessionId, memoryTypes };
        const { rows, associations } = await within(parts.database, asking, async (db) => {
          if (sessionId !== undefined && after === 0) await assertSession(db, sessionId);
          const page = await exportMemoryRows(db, filter, after, PAGE);
          const ids = page.map(({ id }) => id);
          if (ids.length > 0)
            await auditMemories(db, identity, { action: "memory.export", ids }, clock);
          return { rows: page, associations: await findLineAssociations(db, ids, filter) };
        });
        const byLine = new Map<string, LineAssociation[]>();
        for (const { line, ...association } of associations) {
          byLine.set(line, [...(byLine.get(line) ?? []), association]);
        }
        for (const row of rows) {
          yield toMemoryLine(toMemoryRecord(row, parts.privacy), byLine.get(row.id) ?? []);
        }
        if (rows.length < PAGE) return;
        after = rows.at(-1)!.position;
      }
    },
  };
}
