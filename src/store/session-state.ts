import { type ClientMessage, sqlOf } from "./wire.ts";

/**
 * Words that begin statements which change rows and nothing of the session. Everything else (SET,
 * PREPARE, LISTEN, DECLARE, CREATE, DO, CALL, COPY, …) may leave something in it.
 */
const PLAIN = new Set([
  ...["select", "insert", "update", "delete", "merge", "with", "values", "table"],
  ...["begin", "start", "commit", "end", "rollback", "abort", "savepoint", "release", "explain"],
]);

/** Ends with its transaction, as SET LOCAL does: the third argument says so. */
const LOCAL_SETTING = /\bset_config\(\s*'[\w.]+',\s*(?:\$\d+|'(?:[^']|'')*'),\s*true\)/gi;

/** Functions that change the session from inside of a plain statement. */
const SESSION_FUNCTION = /set_config|advisory|setseed|pg_temp|\binto\b(?!\s+(?:duetmind\.|"))/i;

/** What a Close frame ends, where it is no portal: `S`. */
const STATEMENT = 0x53;

/**
 * Whether a frame may leave something in the session that the next client would meet: a setting, a
 * named statement, a temporary table, a lock. In doubt it may. Several statements in one text, and one
 * that opens with a comment, are in doubt.
 */
export function mayLeaveState(message: ClientMessage): boolean {
  const { type, frame } = message;
  if (type === "P" && frame[5] !== 0) return true; // a statement with a name
  if (type === "C" && frame[5] === STATEMENT && frame[6] !== 0) return true; // one with a name goes
  if (type === "B" && frame[5] !== 0) return true; // a portal with a name
  const sql = sqlOf(message);
  if (sql === undefined) return false;
  const text = sql.trimStart().replace(/^\/\* prepared \*\/\s*/, "");
  const word = /^[a-z]+/i.exec(text)?.[0].toLowerCase() ?? "";
  if (word === "" && text.trim() === "") return false;
  const isOne = !/;\s*\S/.test(text);
  return !PLAIN.has(word) || !isOne || SESSION_FUNCTION.test(text.replace(LOCAL_SETTING, ""));
}
