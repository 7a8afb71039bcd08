import type { LineAssociation, MemoryIdentity } from "../memory.ts";
import { auditMemories } from "../memory-audit.ts";
import type { MemoryParts } from "../memory-parts.ts";
import { within } from "../within.ts";
import { addAssociations } from "./associate.ts";

/**
 * Writes associations of lines between the memories that the lines became; an end that became none, and
 * both ends being one memory now, leave nothing to associate. Gives how many there are.
 */
export async function importAssociations(
  { database, effects: { clock } }: MemoryParts,
  { sessions, ...identity }: MemoryIdentity & Readonly<{ sessions: readonly string[] }>,
  lines: readonly LineAssociation[],
  idOfLine: ReadonlyMap<string, string>,
): Promise<number> {
  const associations = lines.flatMap(({ from: fromLine, to: toLine, ...rest }) => {
    const [from, to] = [idOfLine.get(fromLine), idOfLine.get(toLine)];
    return from === undefined || to === undefined || from === to ? [] : [{ from, to, ...rest }];
  });
  if (associations.length === 0) return 0;
  const now = clock.now();
  return within(database, { identity, sessions, at: now }, async (db) => {
    const added = await addAssociations(db, identity, associations, now);
    const ids = [...new Set(added.flatMap(({ from, to }) => [from, to]))];
    const details = { associations: added.length };
    await auditMemories(db, identity, { action: "memory.associate", ids, details }, clock);
    return added.length;
  });
}
