import { existsSync, readFileSync } from "node:fs";
import type { Effects } from "../../core/effects.ts";
import { DuetMindError } from "../../core/errors.ts";
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

/**
 * dvc.lock, schema 2.0. The content is kept as it was read, and only the entries of stages that ran
 * are put in, so that what other versions of DVC wrote stays.
 */
export type LockFile = Readonly<{ content: ValueMap; stages: ReadonlyMap<string, LockEntry> }>;

export type LockEntry = Readonly<{
  cmd: string | readonly string[];
  /** Path as written in dvc.yaml → md5. */
  deps: ReadonlyMap<string, string>;
  params: ReadonlyMap<string, ReadonlyMap<string, Value>>;
  outs: ReadonlyMap<string, string>;
}>;

export function readLockFile(path: string): LockFile {
  if (!existsSync(path)) return { content: new Map(), stages: new Map() };
  const content = readValues(readFileSync(path, "utf8"), "dvc.lock", "DVC_YAML_SCHEMA");
  if (content === null) return { content: new Map(), stages: new Map() };
  if (!isValueMap(content)) throw fault("", "a mapping", content);
  allowKeys(content, ["schema", "datasets", "stages"], "");
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
  allowKeys(entry, ["cmd", "deps", "params", "outs"], place);
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
    deps: parseFiles(entry.get("deps"), `${place}.deps`),
    params: new Map(files),
    outs: parseFiles(entry.get("outs"), `${place}.outs`),
  };
}

function parseFiles(list: Value | undefined, place: string): ReadonlyMap<string, string> {
  const items = list ?? [];
  if (!isValueList(items)) throw fault(place, "a list", items);
  const files = items.map((item) => {
    const path = isValueMap(item) ? item.get("path") : undefined;
    if (!isValueMap(item) || typeof path !== "string") throw fault(place, "paths", item);
    return [
      path,
      String(item.get("md5") ?? item.get("etag") ?? item.get("checksum") ?? ""),
    ] as const;
  });
  return new Map(files);
}

function allowKeys(map: ValueMap, known: readonly string[], place: string): void {
  const key = [...map.keys()].find((name) => !known.includes(String(name)));
  if (key === undefined) return;
  const path = [place, String(key)].filter(Boolean).join(".");
  throw new DuetMindError(
    "DVC_YAML_SCHEMA",
    `dvc.lock: ${path}: expected ${known.join(", ")}, got an unknown key`,
    { file: "dvc.lock", path },
  );
}

function fault(place: string, expected: string, got: Value | undefined): DuetMindError {
  const shown = got === undefined ? "nothing" : isValueMap(got) ? "a mapping" : String(got);
  return new DuetMindError(
    "DVC_YAML_SCHEMA",
    `dvc.lock: ${place === "" ? "" : `${place}: `}expected ${expected}, got ${shown}`,
    { file: "dvc.lock", path: place },
  );
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
