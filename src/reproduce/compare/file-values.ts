import { relative } from "node:path";
import { pythonStr } from "../values/python-text.ts";
import { isValueMap, type Value } from "../values/value.ts";
import { failureJson, type ReadFailure } from "./read-failure.ts";
import type { RevisionResult } from "./revisions.ts";

/** What one file gives: its values, or why it could not be read. */
export type FileValues = Readonly<{ data: Value } | { failure: ReadFailure }>;

/** Files by their path from the root of the repository. */
export type RevisionValues = ReadonlyMap<string, FileValues>;

export type ValuesByRevision = ReadonlyMap<string, RevisionResult<RevisionValues>>;

/** Names of the revisions of which something could not be read. */
export function failedRevisions(results: ValuesByRevision): readonly string[] {
  return [...results].flatMap(([name, result]) => {
    if ("failure" in result) return [name];
    return [...result.data.values()].some((file) => "failure" in file) ? [name] : [];
  });
}

/** DVC's JSON of `show`: revision → `{data: {file: {data} | {error}}}`, paths as seen from a folder. */
export function valuesJson(results: ValuesByRevision, shown: (path: string) => string): Value {
  return new Map(
    [...results].map(([name, result]) => {
      if ("failure" in result) return [name, new Map([["error", failureJson(result.failure)]])];
      const files = [...result.data].map(([path, file]): [string, Value] => [
        shown(path),
        "failure" in file
          ? new Map([["error", failureJson(file.failure)]])
          : new Map([["data", file.data]]),
      ]);
      return [name, new Map([["data", new Map(files)]])];
    }),
  );
}

/** Paths from the root of a repository, as seen from the folder in which a command was called. */
export function pathsFrom(root: string, cwd: string): (path: string) => string {
  const start = relative(root, cwd);
  return (path) => relative(`/${start}`, `/${path}`);
}

/**
 * Every leaf under its dotted key, lists as Python writes them; mappings without entries are left out.
 */
export function flattenValues(value: Value): ReadonlyMap<string, Value> {
  const leaves = new Map<string, Value>();
  const visit = (item: Value, key: string) => {
    if (!isValueMap(item)) leaves.set(key, listAsText(item));
    else for (const [name, inner] of item) visit(inner, `${key}.${name}`);
  };
  if (isValueMap(value)) for (const [name, item] of value) visit(item, String(name));
  return leaves;
}

function listAsText(value: Value): Value {
  return Array.isArray(value) ? pythonStr(value) : value;
}
