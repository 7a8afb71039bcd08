import { existsSync, readFileSync } from "node:fs";
import type { Effects } from "../../core/effects.ts";
import { publishContent } from "../../core/files.ts";
import type { PathState } from "../cache/path-state.ts";
import { readValues } from "../values/read-values.ts";
import {
  isValueList,
  isValueMap,
  type MapKey,
  type Value,
  type ValueMap,
} from "../values/value.ts";
import { writeValues } from "../values/write-values.ts";

/** What is recorded of content; the size of a folder that was added to in part is not known. */
export type RecordedState = Readonly<{
  md5: string;
  sizeBytes: number | null;
  isExecutable: boolean;
  fileCount: number | null;
}>;

/** An out that a command put on record, by the name that it is shown by. */
export type RecordedOut = RecordedState & Readonly<{ shown: string; isChanged: boolean }>;

export function recordedState(state: PathState): RecordedState {
  const { md5, sizeBytes, isExecutable } = state;
  const fileCount = md5.endsWith(".dir") ? state.entries!.length : null;
  return { md5, sizeBytes, isExecutable, fileCount };
}

/**
 * Writes the state of an out into its .dvc file, as DVC does: a new file in DVC's order of keys; in a
 * known one a key keeps its place, new ones come last, and comments stay. True when the file changed.
 */
export async function writeDvcFile(
  file: string,
  path: string,
  state: RecordedState,
  effects: Effects,
): Promise<boolean> {
  const before = existsSync(file) ? readFileSync(file, "utf8") : null;
  const after = dvcFileText(before, path, state);
  if (before === after) return false;
  await publishContent(effects.files, file, after);
  return true;
}

/** The text of a .dvc file with the state of an out put in. */
export function dvcFileText(before: string | null, path: string, state: RecordedState): string {
  const known = before === null ? null : readValues(before, path, "DVC_YAML_SCHEMA");
  const outs = isValueMap(known ?? undefined) ? (known as ValueMap).get("outs") : undefined;
  const at = isValueList(outs)
    ? outs.findIndex((out) => isValueMap(out) && out.get("path") === path)
    : -1;
  const facts = stateKeys(state);
  if (at === -1) {
    const out = new Map<MapKey, Value>([...facts, ["hash", "md5"], ["path", path]]);
    return writeValues(new Map<MapKey, Value>([["outs", [out]]]));
  }
  const content = known as ValueMap;
  const list = outs as readonly Value[];
  const old = list[at] as ValueMap;
  const out = updated(old, facts);
  if (before === writeValues(content) || !before!.includes("#")) {
    return writeValues(new Map(content).set("outs", list.with(at, out)));
  }
  return withLines(before!, at, old, out);
}

const STATE_KEYS = ["md5", "size", "nfiles", "isexec", "cloud", "files", "etag", "checksum"];

function stateKeys(state: RecordedState): ReadonlyMap<MapKey, Value> {
  const facts = new Map<MapKey, Value>([["md5", state.md5]]);
  if (state.sizeBytes !== null) facts.set("size", BigInt(state.sizeBytes));
  if (state.fileCount !== null) facts.set("nfiles", BigInt(state.fileCount));
  if (state.isExecutable) facts.set("isexec", true);
  return facts;
}

function updated(old: ValueMap, facts: ReadonlyMap<MapKey, Value>): ValueMap {
  const kept = [...old].filter(([key]) => facts.has(key) || !STATE_KEYS.includes(String(key)));
  const next = new Map(kept);
  for (const [key, value] of [...facts, ["hash", "md5"] as const]) next.set(key, value);
  return next;
}

/** A text with comments: only the lines of keys that changed are touched. */
function withLines(text: string, at: number, old: ValueMap, next: ValueMap): string {
  const lines = text.split("\n");
  const heads = lines.flatMap((line, i) => (/^\s*- /.test(line) ? [i] : []));
  const first = lines.findIndex((line) => /^outs:/.test(line));
  const start = heads.filter((i) => i > first)[at]!;
  const indent = /^(\s*)- (\s*)/.exec(lines[start]!)!;
  const column = indent[1]!.length + 2 + indent[2]!.length;
  let end = start + 1;
  while (end < lines.length && /^\s/.test(lines[end]!) && !/^\s*- /.test(lines[end]!)) end += 1;
  const entry = lines.slice(start, end).flatMap((line) => {
    const key = /^(?:\s*- )?\s*([\w-]+):/.exec(line)?.[1];
    const isOwn = key !== undefined && line.indexOf(key) === column && old.has(key);
    if (!isOwn) return [line];
    const value = next.get(key);
    if (value === undefined) return [];
    if (value === old.get(key)) return [line];
    const comment = /\s#.*$/.exec(line)?.[0] ?? "";
    return [`${line.slice(0, column)}${keyLine(key, value)}${comment}`];
  });
  const added = [...next].filter(([key]) => !old.has(key));
  const put = added.map(([key, value]) => `${" ".repeat(column)}${keyLine(String(key), value)}`);
  return [...lines.slice(0, start), ...entry, ...put, ...lines.slice(end)].join("\n");
}

function keyLine(key: string, value: Value): string {
  return writeValues(new Map<MapKey, Value>([[key, value]])).trimEnd();
}
