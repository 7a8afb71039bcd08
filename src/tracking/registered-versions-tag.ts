import { MAX_TAG_VALUE } from "./limits.ts";

type Registered = Readonly<{ name: string; version: number }>;

/**
 * The value of the tag by which MLflow's clients find the versions that a logged model became: a JSON
 * list. A text that is no such list is begun anew, and the oldest go when the tag is full.
 *
 *     appendVersion(undefined, { name: "risk", version: 1 }) // [{"name": "risk", "version": 1}]
 */
export function appendVersion(known: string | undefined, version: Registered): string {
  const versions = [...parseList(known ?? "[]"), version];
  while (versions.length > 1 && write(versions).length > MAX_TAG_VALUE) versions.shift();
  return write(versions);
}

function parseList(text: string): unknown[] {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}

/** With the blanks of Python's JSON, as MLflow's own clients write it. */
function write(versions: readonly unknown[]): string {
  return `[${versions.map(writeFields).join(", ")}]`;
}

function writeFields(version: unknown): string {
  if (typeof version !== "object" || version === null) return JSON.stringify(version);
  const fields = Object.entries(version);
  return `{${fields.map(([key, value]) => `${JSON.stringify(key)}: ${JSON.stringify(value)}`).join(", ")}}`;
}
