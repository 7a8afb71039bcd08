import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fromReadError } from "../../core/files.ts";
import { readValues } from "../values/read-values.ts";
import { isValueList, isValueMap, type Value, type ValueMap } from "../values/value.ts";
import type { LockEntry } from "./lock-file.ts";
import { readPlainDvcFile } from "./plain-dvc-file.ts";
import { allowKeys, parseRecordedFiles, recordFault } from "./recorded-file.ts";

/**
 * A `.dvc` file: what `dvc add` and `dvc import` write beside data. It is a stage without a command
 * that carries its own lock entry.
 */
export type DvcFile = Readonly<{
  path: string;
  /** Absolute working folder. */
  folder: string;
  /** The md5 that an import records of its own file. */
  md5: string | null;
  isFrozen: boolean;
  isAlwaysChanged: boolean;
  /** Where an import comes from. */
  deps: readonly ValueMap[];
  outs: readonly DvcFileOut[];
  recorded: LockEntry;
  /**
   * Everything as it was read, for a writer that must keep what it does not know. A function, since few
   * ask; with a getter, each of a few thousand files would get a hidden class of its own.
   */
  content(): ValueMap;
}>;

export type DvcFileOut = Readonly<{
  path: string;
  isCached: boolean;
  isPersistent: boolean;
  push: boolean;
  remote: string | null;
}>;

const KEYS = new Set([
  ...["md5", "wdir", "deps", "outs", "locked", "frozen", "meta", "always_changed", "desc"],
]);
const HASHES = ["md5", "etag", "checksum", "size", "nfiles", "isexec", "hash", "cloud", "files"];
const ANNOTATIONS = ["desc", "type", "labels", "meta"];
const OUT_KEYS = new Set([
  ...["path", ...HASHES, "version_id", "mtime", "cache", "persist", "push", "remote", "metric"],
  ...["plot", "fs_config", ...ANNOTATIONS],
]);

/** Reads a .dvc file; `shown` is its path in messages. */
export function readDvcFile(path: string, shown: string): DvcFile {
  const text = readText(path);
  const plain = readPlainDvcFile(text, path);
  if (plain !== undefined) return plain;
  const content = readValues(text, shown, "DVC_YAML_SCHEMA") ?? new Map();
  if (!isValueMap(content)) throw recordFault(shown, "", "a mapping", content);
  return parseDvcFile(content, path, shown);
}

/** Checks the content of a .dvc file. */
export function parseDvcFile(content: ValueMap, path: string, shown: string): DvcFile {
  allowKeys(content, KEYS, "", shown);
  const wdir = content.get("wdir") ?? ".";
  if (typeof wdir !== "string") throw recordFault(shown, "wdir", "a path", wdir);
  const [deps, outs] = [content.get("deps"), content.get("outs")];
  return {
    path,
    folder: join(dirname(path), wdir),
    md5: typeof content.get("md5") === "string" ? String(content.get("md5")) : null,
    isFrozen: content.get("frozen") === true || content.get("locked") === true,
    isAlwaysChanged: content.get("always_changed") === true,
    deps: isValueList(deps) ? deps.filter(isValueMap) : [],
    outs: isValueList(outs) ? outs.map((out) => parseOut(out, shown)) : [],
    recorded: {
      cmd: null,
      deps: parseRecordedFiles(deps, "deps", shown),
      params: new Map(),
      outs: parseRecordedFiles(outs, "outs", shown),
    },
    content: () => content,
  };
}

function parseOut(out: Value, shown: string): DvcFileOut {
  const path = isValueMap(out) ? out.get("path") : undefined;
  if (!isValueMap(out) || typeof path !== "string") throw recordFault(shown, "outs", "paths", out);
  allowKeys(out, OUT_KEYS, "outs", shown);
  const remote = out.get("remote");
  return {
    path,
    isCached: out.get("cache") !== false,
    isPersistent: out.get("persist") === true,
    push: out.get("push") !== false,
    remote: typeof remote === "string" ? remote : null,
  };
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw fromReadError(error, path);
  }
}
