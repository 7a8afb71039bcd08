import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Effects } from "../../core/effects.ts";
import { publishContent } from "../../core/files.ts";
import type { PathState } from "../cache/path-state.ts";
import { type Stage, sortedParams } from "../pipeline/stage.ts";
import type { ParamValues } from "../values/param-values.ts";
import { compareCodePoints } from "../values/python-text.ts";
import { readValues } from "../values/read-values.ts";
import {
  isValueList,
  isValueMap,
  type MapKey,
  type Value,
  type ValueMap,
} from "../values/value.ts";
import { writeValues } from "../values/write-values.ts";
import { allowKeys, parseRecordedFiles, type RecordedFiles, recordFault } from "./recorded-file.ts";

/**
 * dvc.lock, schema 2.0. The content is kept as it was read, and only the entries of stages that ran
 * are put in, so that what other versions of DVC wrote stays.
 */
export type LockFile = Readonly<{ content: ValueMap; stages: ReadonlyMap<string, LockEntry> }>;

export type LockEntry = Readonly<{
  /** Null in a .dvc file. */
  cmd: string | readonly string[] | null;
  deps: RecordedFiles;
  params: ReadonlyMap<string, ReadonlyMap<string, Value>>;
  outs: RecordedFiles;
}>;

/** The lock files of a repository, each read once. */
export type LockFiles = Readonly<{ of(stage: Stage): LockFile }>;

/** `read` finds a lock file elsewhere than on disk: in a revision. */
export function openLockFiles(read: (path: string) => LockFile = readLockFile): LockFiles {
  const known = new Map<string, LockFile>();
  return {
    of(stage) {
      const found = known.get(stage.file) ?? read(lockPath(stage));
      known.set(stage.file, found);
      return found;
    },
  };
}

/** The dvc.lock beside the dvc.yaml of a stage. */
export function lockPath(stage: Stage): string {
  return join(dirname(stage.file), "dvc.lock");
}

/** What is recorded of a stage: its entry in dvc.lock, or what its .dvc file says. */
export function recordedEntry(stage: Stage, locks: LockFiles): LockEntry | undefined {
  if (stage.name === null) return stage.dvcFile?.recorded;
  return locks.of(stage).stages.get(stage.name);
}

const LOCK_KEYS = new Set(["schema", "datasets", "stages"]);
const ENTRY_KEYS = new Set(["cmd", "deps", "params", "outs"]);

export function readLockFile(path: string): LockFile {
  return parseLockFile(existsSync(path) ? readFileSync(path, "utf8") : null);
}

/** The content of a lock file; null: there is none. */
export function parseLockFile(text: string | null): LockFile {
  if (text === null) return { content: new Map(), stages: new Map() };
  const content = readValues(text, "dvc.lock", "DVC_YAML_SCHEMA");
  if (content === null) return { content: new Map(), stages: new Map() };
  if (!isValueMap(content)) throw fault("", "a mapping", content);
  allowKeys(content, LOCK_KEYS, "", "dvc.lock");
  if (content.get("schema") !== "2.0") throw fault("schema", `'2.0'`, content.get("schema"));
  const stages = content.get("stages") ?? new Map<MapKey, Value>();
  if (!isValueMap(stages)) throw fault("stages", "a mapping", stages);
  const entries = [...stages].map(
    ([name, entry]) => [String(name), parseEntry(entry, `stages.${name}`)] as const,
  );
  return { content, stages: new Map(entries) };
}

function parseEntry(entry: Value, place: string): LockEntry {
  if (!isValueMap(entry)) throw fault(place, "a mapping", entry);
  allowKeys(entry, ENTRY_KEYS, place, "dvc.lock");
  const cmd = entry.get("cmd");
  if (typeof cmd !== "string" && !isValueList(cmd)) throw fault(`${place}.cmd`, "a text", cmd);
  const params = entry.get("params") ?? new Map<MapKey, Value>();
  if (!isValueMap(params)) throw fault(`${place}.params`, "a mapping", params);
  const files = [...params].map(([file, values]) => {
    if (!isValueMap(values)) throw fault(`${place}.params.${file}`, "a mapping", values);
    const byKey = new Map([...values].map(([key, value]) => [String(key), value] as const));
    return [String(file), byKey] as const;
  });
  return {
    cmd: typeof cmd === "string" ? cmd : cmd.map(String),
    deps: parseRecordedFiles(entry.get("deps"), `${place}.deps`, "dvc.lock"),
    params: new Map(files),
    outs: parseRecordedFiles(entry.get("outs"), `${place}.outs`, "dvc.lock"),
  };
}

function fault(place: string, expected: string, got: Value | undefined): Error {
  return recordFault("dvc.lock", place, expected, got);
}

/** What a stage's entry says after a run. */
export type StageFacts = Readonly<{
  deps: ReadonlyMap<string, PathState>;
  params: ReadonlyMap<string, ParamValues>;
  outs: ReadonlyMap<string, PathState>;
}>;

export function lockEntry(stage: Stage, facts: StageFacts): ValueMap {
  const entry = new Map<MapKey, Value>([["cmd", stage.cmd]]);
  const files = sortedParams(stage.params).flatMap(({ file }): [string, Value][] => {
    const values = facts.params.get(file);
    if (values === undefined || values === null) return [];
    return [[file, new Map([...values].sort(([a], [b]) => compareCodePoints(a, b)))]];
  });
  if (facts.deps.size > 0) entry.set("deps", fileEntries(facts.deps));
  if (files.length > 0) entry.set("params", new Map(files));
  if (facts.outs.size > 0) entry.set("outs", fileEntries(facts.outs));
  return entry;
}

function fileEntries(states: ReadonlyMap<string, PathState>): Value[] {
  return [...states]
    .sort(([a], [b]) => compareCodePoints(a, b))
    .map(([path, state]) => {
      const entry = new Map<MapKey, Value>([
        ["path", path],
        ["hash", "md5"],
        ["md5", state.md5],
        ["size", BigInt(state.sizeBytes)],
      ]);
      if (state.entries !== undefined) entry.set("nfiles", BigInt(state.entries.length));
      if (state.isExecutable) entry.set("isexec", true);
      return entry;
    });
}

/** The text of the lock file with one stage's entry put in; a known stage keeps its place. */
export function withLockEntry(lock: LockFile, name: string, entry: ValueMap): LockFile {
  const known = lock.content.get("stages");
  const stages = new Map(isValueMap(known) ? known : []);
  stages.set(name, entry);
  const content = new Map<MapKey, Value>(
    lock.content.size === 0 ? [["schema", "2.0"]] : lock.content,
  );
  content.set("stages", stages);
  const entries = new Map(lock.stages).set(name, parseEntry(entry, `stages.${name}`));
  return { content, stages: entries };
}

export async function writeLockFile(path: string, lock: LockFile, effects: Effects): Promise<void> {
  await publishContent(effects.files, path, writeValues(lock.content));
}
