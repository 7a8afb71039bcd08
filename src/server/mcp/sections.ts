import { DuetMindError } from "../../core/errors.ts";
import { countWithin, tokensOf } from "./token-budget.ts";

type Sections = Readonly<Record<string, readonly unknown[]>>;

/**
 * A thing with the part of its lists that fits a budget, from where a cursor says: the lists are read
 * one after the other, and the cursor is the number of entries that were read.
 *
 *     cutSections({ run }, { metrics: [a, b], params: [c, d] }, { cursor: "1", max_tokens })
 *     // { run, metrics: [b], params: [c], next_cursor: "3" } where d does not fit
 */
export function cutSections<H extends object, S extends Sections>(
  head: H,
  sections: S,
  asked: Readonly<{ cursor?: string | undefined; max_tokens: number }>,
): H & S & Readonly<{ next_cursor: string | null }> {
  const entries = Object.entries(sections).flatMap(([name, list]) =>
    list.map((entry) => ({ name, entry })),
  );
  const start = toStart(asked.cursor, entries.length);
  const end = start + countWithin(entries.slice(start), asked.max_tokens - tokensOf(head));
  const part: Record<string, unknown[]> = {};
  for (const name of Object.keys(sections)) part[name] = [];
  for (const { name, entry } of entries.slice(start, end)) part[name]!.push(entry);
  const next_cursor = end < entries.length ? String(end) : null;
  return { ...head, ...(part as unknown as S), next_cursor };
}

function toStart(cursor: string | undefined, total: number): number {
  if (cursor === undefined) return 0;
  const start = Number(cursor);
  if (/^[1-9]\d*$/.test(cursor) && start < total) return start;
  throw new DuetMindError(
    "BAD_INPUT",
    `cursor: expected the next_cursor of a reply with the same arguments, got "${cursor.slice(0, 40)}"`,
  );
}
