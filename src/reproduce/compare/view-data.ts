import { isUtf8 } from "node:buffer";
import { dirname, extname, join, relative } from "node:path";
import { DuetMindError } from "../../core/errors.ts";
import { recordedEntry } from "../files/lock-file.ts";
import type { Repository } from "../files/repository.ts";
import { resolvePath } from "../pipeline/stage.ts";
import { parseParams } from "../values/param-values.ts";
import type { Value } from "../values/value.ts";
import { readDirectoryMembers, readObject } from "./cached-object.ts";
import { corruptedFile, missingFile, type ReadFailure, undecodableFile } from "./read-failure.ts";
import type { View } from "./view.ts";

/**
 * The data of a view: files as they stand there, else as DVC's cache has them by the hash that is
 * recorded of an out.
 */
export type ViewData = Readonly<{
  bytes(path: string): Buffer | ReadFailure;
  /** The content of a file of values in YAML, JSON, TOML or Python. */
  values(path: string): Readonly<{ value: Value }> | ReadFailure;
  isFolder(path: string): boolean;
  /** A folder's files; any other path is itself. */
  expand(path: string): readonly string[];
}>;

export function openViewData(view: View, repository: Repository): ViewData {
  const outs = recordedOuts(view);
  const shown = (path: string) => relative(repository.root, path);

  function cached(path: string): Buffer | null {
    const own = outs.get(path);
    if (own !== undefined) return own.endsWith(".dir") ? null : object(own);
    for (let at = dirname(path); at !== dirname(at); at = dirname(at)) {
      const md5 = outs.get(at);
      if (md5 === undefined) continue;
      const member = md5.endsWith(".dir") ? members(md5).get(relative(at, path)) : undefined;
      return member === undefined ? null : object(member);
    }
    return null;
  }

  const object = (md5: string) => readObject(repository.cacheFolder, md5);
  const members = (md5: string): ReadonlyMap<string, string> =>
    readDirectoryMembers(repository.cacheFolder, md5) ?? new Map();

  function bytes(path: string): Buffer | ReadFailure {
    return view.files.readBytes(path) ?? cached(path) ?? missingFile(shown(path));
  }

  function isFolder(path: string): boolean {
    return view.files.isFolder(path) || outs.get(path)?.endsWith(".dir") === true;
  }

  return {
    bytes,
    isFolder,
    values(path) {
      const found = bytes(path);
      if (!Buffer.isBuffer(found)) return found;
      // DVC names the file from the root of the file system, seen from where it was called
      return parseValues(found, relative(repository.cwd, `/${shown(path)}`), "utf-8");
    },
    expand(path) {
      if (!isFolder(path)) return [path];
      const files = view.files.filesIn(path);
      if (files.length > 0) return files;
      return [...members(outs.get(path) ?? "").keys()].map((relpath) => join(path, relpath)).sort();
    },
  };
}

/** The values of a file in the format that its name says. */
export function parseValues(
  bytes: Buffer,
  named: string,
  encoding: "utf-8" | "utf8",
): Readonly<{ value: Value }> | ReadFailure {
  const text = decodeText(bytes);
  if (text === null) return undecodableFile(named, encoding);
  try {
    return { value: parseParams(text, named) };
  } catch (error) {
    if (error instanceof DuetMindError) {
      return corruptedFile(named, extname(named).toLowerCase());
    }
    throw error;
  }
}

/** Null: these bytes are no UTF-8. */
export function decodeText(bytes: Buffer): string | null {
  return isUtf8(bytes) ? bytes.toString("utf8") : null;
}

/** Absolute path of each out in the cache → what is recorded of it. */
function recordedOuts(view: View): ReadonlyMap<string, string> {
  const outs = new Map<string, string>();
  for (const stage of view.stages) {
    if (!stage.outs.some(({ isCached }) => isCached)) continue;
    const entry = recordedEntry(stage, view.locks);
    for (const out of stage.outs) {
      const md5 = entry?.outs.get(out.path)?.md5;
      if (out.isCached && md5 !== undefined && md5 !== null)
        outs.set(resolvePath(stage, out.path), md5);
    }
  }
  return outs;
}
