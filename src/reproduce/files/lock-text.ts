import { DuetMindError } from "../../core/errors.ts";
import { needsQuotes } from "../values/plain-value.ts";
import { readValues } from "../values/read-values.ts";
import { isValueMap, type MapKey, type Value, type ValueMap } from "../values/value.ts";
import { writeValues } from "../values/write-values.ts";

/**
 * The text of a dvc.lock by its entries, so that a stage's new entry goes into its place without the
 * rest being parsed and written again:
 *
 *     schema: '2.0'        head
 *     stages:
 *       prepare:           one part a stage, from its name to the next name
 *         cmd: …
 *       train:
 *         cmd: …
 */
const HEAD = "schema: '2.0'\nstages:\n";
const STAGES = "stages:\n";

/** One stage's entry as text; its first line is the stage's name, which finds it again. */
export function entryText(name: string, entry: ValueMap): string {
  const stages = new Map<MapKey, Value>([[name, entry]]);
  return writeValues(new Map<MapKey, Value>([["stages", stages]])).slice(STAGES.length);
}

/**
 * The lock with entries put in, in this order: a known stage keeps its place, a new one goes to the end,
 * and so does one that was put in before but is to count as new.
 */
export function putEntries(
  text: string,
  entries: readonly string[],
  isNew: (entry: string) => boolean = () => false,
): string {
  const lock = splitLock(text) ?? splitLock(rewritten(text))!;
  for (const entry of entries) if (isNew(entry)) lock.parts.delete(firstLine(entry));
  for (const entry of entries) lock.parts.set(firstLine(entry), entry);
  return lock.head + [...lock.parts.values()].join("");
}

/** The lock without the entry of a stage; null where no entry is left. */
export function dropEntry(text: string, name: string): string | null {
  const lock = splitLock(text) ?? splitLock(rewritten(text))!;
  lock.parts.delete(firstLine(entryText(name, ENTRY)));
  return lock.parts.size === 0 ? null : lock.head + [...lock.parts.values()].join("");
}

/** The text of one stage's entry in a lock, or undefined where there is none. */
export function findEntryText(text: string): (entry: string) => string | undefined {
  const parts = splitLock(text)?.parts;
  return (entry) => parts?.get(firstLine(entry));
}

function firstLine(entry: string): string {
  return entry.slice(0, entry.indexOf("\n"));
}

type LockText = Readonly<{ head: string; parts: Map<string, string> }>;

/** Undefined for a text that is laid out in another way than DVC's writer does it. */
function splitLock(text: string): LockText | undefined {
  if (text.trim() === "") return { head: HEAD, parts: new Map() };
  const start = text.startsWith(STAGES) ? 0 : text.indexOf(`\n${STAGES}`) + 1;
  if (start === 0 && !text.startsWith(STAGES)) return undefined;
  const head = text.slice(0, start + STAGES.length);
  const body = text.slice(head.length);
  if (body !== "" && !body.endsWith("\n")) return undefined;
  const parts = new Map<string, string>();
  for (const part of body.split(/(?<=\n)(?= {2}[^ \n])/)) {
    if (part === "") continue;
    const name = firstLine(part);
    if (parts.has(name) || !isWrittenName(name) || /\n(?! {4})[^\n]/.test(part)) return undefined;
    parts.set(name, part);
  }
  return { head, parts };
}

/** True for the line of a name that the writer would write in the same way. */
function isWrittenName(line: string): boolean {
  if (!line.startsWith("  ") || !line.endsWith(":")) return false;
  const plain = line.slice(2, -1);
  if (/^[A-Za-z_][\w@./-]*$/.test(plain) && !needsQuotes(plain)) return true;
  try {
    const content = readValues(`${plain}: x`, "dvc.lock", "DVC_YAML_SCHEMA");
    const [name] = isValueMap(content) && content.size === 1 ? [...content.keys()] : [];
    return typeof name === "string" && firstLine(entryText(name, ENTRY)) === line;
  } catch {
    return false;
  }
}

const ENTRY: ValueMap = new Map([["cmd", "x"]]);

/** The same content, laid out as DVC's writer does it. */
function rewritten(text: string): string {
  const content = readValues(text, "dvc.lock", "DVC_YAML_SCHEMA");
  const stages = isValueMap(content) ? (content.get("stages") ?? new Map<MapKey, Value>()) : null;
  if (!isValueMap(content) || !isValueMap(stages)) {
    throw new DuetMindError("DVC_YAML_SCHEMA", "dvc.lock: expected a mapping, got something else", {
      file: "dvc.lock",
    });
  }
  const others = [...content].filter(([key]) => key !== "stages");
  const head = others.length === 0 ? "" : writeValues(new Map(others));
  const entries = [...stages].map(([name, entry]) =>
    entryText(String(name), isValueMap(entry) ? entry : new Map()),
  );
  return head + STAGES + entries.join("");
}
