import type { PathState } from "../cache/path-state.ts";
import type { LockEntry } from "../files/lock-file.ts";
import { isCallback, type Stage } from "../pipeline/stage.ts";
import type { ParamValues } from "../values/param-values.ts";
import { equalValues, type Value } from "../values/value.ts";

/** What stands on disk now; null: nothing there. */
export type InputStates = Readonly<{
  deps: ReadonlyMap<string, PathState | null>;
  params: ReadonlyMap<string, ParamValues>;
}>;

/** Why the inputs of a stage ask for a run, in DVC's words; empty when they do not. */
export function inputChanges(
  stage: Stage,
  entry: LockEntry | undefined,
  now: InputStates,
): string[] {
  if (stage.isFrozen) return [];
  if (stage.isAlwaysChanged) return ["always_changed"];
  if (isCallback(stage)) return ["always runs: no deps and no outs"];
  if (entry === undefined) return ["new: not in dvc.lock"];
  const reasons = sameCommand(stage.cmd, entry.cmd) ? [] : ["cmd: changed"];
  for (const [path, state] of now.deps) {
    const change = fileChange(entry.deps.get(path)?.md5, state);
    if (change !== null) reasons.push(`deps: ${path} ${change}`);
  }
  for (const path of entry.deps.keys()) {
    if (!now.deps.has(path)) reasons.push(`deps: ${path} no longer one`);
  }
  for (const [file, values] of now.params) {
    reasons.push(...paramChanges(file, values, entry.params.get(file)));
  }
  return reasons;
}

/** Why the outs of a stage ask for a run. */
export function outChanges(
  stage: Stage,
  entry: LockEntry | undefined,
  outs: ReadonlyMap<string, PathState | null>,
): string[] {
  return stage.outs.flatMap(({ path }) => {
    const change = fileChange(entry?.outs.get(path)?.md5, outs.get(path) ?? null);
    return change === null ? [] : [`outs: ${path} ${change}`];
  });
}

function fileChange(locked: string | null | undefined, now: PathState | null): string | null {
  if (now === null) return "deleted";
  if (locked === undefined || locked === null) return "new";
  return locked === now.md5 ? null : "modified";
}

function paramChanges(
  file: string,
  now: ParamValues,
  locked: ReadonlyMap<string, Value> | undefined,
): string[] {
  if (now === null) return [`params: ${file} deleted`];
  if (locked === undefined) return [`params: ${file} new`];
  const keys = [...new Set([...now.keys(), ...locked.keys()])];
  return keys.flatMap((key) => {
    const [before, after] = [locked.get(key), now.get(key)];
    if (after === undefined) return [`params: ${file} ${key} deleted`];
    if (before === undefined) return [`params: ${file} ${key} new`];
    return equalValues(before, after) ? [] : [`params: ${file} ${key} modified`];
  });
}

function sameCommand(a: Stage["cmd"], b: LockEntry["cmd"]): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
