import { createHash } from "node:crypto";
import { compareCodePoints, pythonJsonText } from "../values/python-text.ts";

export type DirectoryEntry = Readonly<{ relpath: string; md5: string }>;

/**
 * DVC's object of a directory: a JSON list of its files in the order of their paths' code points, in
 * the spelling of Python's json.dumps. The md5 of this text plus `.dir` is the hash of the directory.
 */
export function directoryObject(entries: readonly DirectoryEntry[]): string {
  const items = [...entries]
    .sort((a, b) => compareCodePoints(a.relpath, b.relpath))
    .map(({ md5, relpath }) => `{"md5": "${md5}", "relpath": ${pythonJsonText(relpath)}}`);
  return `[${items.join(", ")}]`;
}

/** `<32 hex>.dir` of a directory object. */
export function hashDirectoryObject(object: string): string {
  return `${createHash("md5").update(object).digest("hex")}.dir`;
}
