import { sql } from "kysely";

const MARK = "/* prepared */";

/**
 * Begins a statement that comes again and again with other values: PostgreSQL parses and plans it once
 * for each connection, which is more than half of the cost of a small write. Only for statements of few
 * forms, and with one good plan whatever the values: a filter wants a plan of its own each time.
 *
 * The embedded database, whose clients share one session, does so for all of them: see kept-statements.ts.
 */
export const PREPARED = sql.raw(MARK);

const names = new Map<string, string>();

export function isMarked(text: string): boolean {
  return text.startsWith(MARK);
}

/** The name to prepare a statement under on a server; undefined for one that is not marked. */
export function preparedName(text: string): string | undefined {
  if (!isMarked(text)) return undefined;
  let name = names.get(text);
  if (name === undefined) {
    name = `duetmind_${names.size + 1}`;
    names.set(text, name);
  }
  return name;
}
