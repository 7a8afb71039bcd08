import { isInCache } from "../../cache/is-in-cache.ts";
import { type PathState, readPathState } from "../../cache/path-state.ts";
import { hashDvcFile } from "../../files/dvc-file-hash.ts";
import type { LockEntry } from "../../files/lock-file.ts";
import type { RecordedFile } from "../../files/recorded-file.ts";
import type { Repository } from "../../files/repository.ts";
import { isCallback, type Out, resolvePath, type Stage, shownPath } from "../../pipeline/stage.ts";
import type { ParamDependency } from "../../values/param-values.ts";
import { equalValues, type Value } from "../../values/value.ts";
import type { ParamFiles } from "./param-files.ts";

export type FileChange = "modified" | "deleted" | "new" | "not in cache";

/** Path → what became of it; of a file of parameters, key → what became of it. */
export type Changes = Readonly<Record<string, FileChange | Readonly<Record<string, FileChange>>>>;

export type StageChange =
  | Readonly<{ "changed deps": Changes }>
  | Readonly<{ "changed outs": Changes }>
  | "always changed"
  | "changed command"
  | "changed checksum";

/** What `status` says of one stage, in DVC's words and order; empty when it is up to date. */
export function stageStatus(
  stage: Stage,
  entry: LockEntry | undefined,
  world: Readonly<{ repository: Repository; params: ParamFiles }>,
  only: string | null = null,
): readonly StageChange[] {
  const changes: StageChange[] = [];
  if (!stage.isFrozen) {
    const deps = depChanges(stage, entry, world.repository);
    const params = paramChanges(stage, entry, world);
    if (!isEmpty(deps) || !isEmpty(params)) {
      changes.push({ "changed deps": { ...deps, ...params } });
    }
  }
  const outs = outChanges(stage, entry, world.repository, only);
  if (!isEmpty(outs)) changes.push({ "changed outs": outs });
  if (stage.isAlwaysChanged || isCallback(stage)) changes.push("always changed");
  if (stage.dvcFile !== null) {
    if (stage.dvcFile.md5 !== hashDvcFile(stage.dvcFile)) changes.push("changed checksum");
  } else if (entry !== undefined && !equalCommands(entry.cmd, stage.cmd)) {
    changes.push("changed command");
  }
  return changes;
}

function equalCommands(a: Stage["cmd"], b: Stage["cmd"]): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}

function isEmpty(changes: Changes): boolean {
  for (const _ in changes) return false;
  return true;
}

function depChanges(stage: Stage, entry: LockEntry | undefined, repository: Repository): Changes {
  const changes: Record<string, FileChange> = {};
  for (const path of stage.deps) {
    const absolute = resolvePath(stage, path);
    const recorded = entry?.deps.get(path);
    const change = workspaceChange(recorded, stateOf(absolute, recorded, repository));
    if (change !== null) changes[shown(path, absolute, repository)] = change;
  }
  return changes;
}

function outChanges(
  stage: Stage,
  entry: LockEntry | undefined,
  repository: Repository,
  only: string | null,
): Changes {
  const changes: Record<string, FileChange> = {};
  for (const out of stage.outs) {
    const absolute = resolvePath(stage, out.path);
    if (only !== null && only !== absolute && !only.startsWith(`${absolute}/`)) continue;
    const change = outChange(out, absolute, entry?.outs.get(out.path), repository);
    if (change !== null) changes[shown(out.path, absolute, repository)] = change;
  }
  return changes;
}

function outChange(
  out: Out,
  absolute: string,
  recorded: RecordedFile | undefined,
  repository: Repository,
): FileChange | null {
  const state = stateOf(absolute, recorded, repository);
  if (out.isCached && recorded !== undefined && isHashed(recorded)) {
    if (!isInCache(repository, recorded, state)) return "not in cache";
  }
  return workspaceChange(recorded, state);
}

function isHashed(recorded: RecordedFile): recorded is RecordedFile & { readonly md5: string } {
  return recorded.md5 !== null;
}

function stateOf(
  absolute: string,
  recorded: RecordedFile | undefined,
  repository: Repository,
): PathState | null {
  return readPathState(absolute, repository, recorded?.isLegacy === true ? "legacy" : "md5");
}

/** A path that nothing is recorded of is "modified", in DVC's words. */
function workspaceChange(
  recorded: RecordedFile | undefined,
  state: PathState | null,
): FileChange | null {
  if (state === null) return "deleted";
  return recorded?.md5 === state.md5 ? null : "modified";
}

function paramChanges(
  stage: Stage,
  entry: LockEntry | undefined,
  { repository, params }: Readonly<{ repository: Repository; params: ParamFiles }>,
): Changes {
  const changes: Record<string, Changes[string]> = {};
  for (const dependency of stage.params) {
    const now = params.valuesOf(stage.folder, dependency);
    const key = shown(dependency.file, resolvePath(stage, dependency.file), repository);
    const recorded = entry?.params.get(dependency.file);
    if (now === null) changes[key] = "deleted";
    else if (recorded === undefined) changes[key] = "new";
    else {
      const keys = keyChanges(dependency, now, recorded);
      if (!isEmpty(keys)) changes[key] = keys;
    }
  }
  return changes;
}

function keyChanges(
  dependency: ParamDependency,
  now: ReadonlyMap<string, Value>,
  recorded: ReadonlyMap<string, Value>,
): Readonly<Record<string, FileChange>> {
  const changes: Record<string, FileChange> = {};
  for (const key of dependency.keys ?? new Set([...now.keys(), ...recorded.keys()])) {
    const [before, after] = [recorded.get(key), now.get(key)];
    if (after === undefined) changes[key] = "deleted";
    else if (before === undefined) changes[key] = "new";
    else if (!equalValues(after, before)) changes[key] = "modified";
  }
  return changes;
}

/** A path as DVC shows it: from the folder of the command, or as it is where it is absolute or outside. */
function shown(path: string, absolute: string, { root, cwd }: Repository): string {
  const isOurs = !path.startsWith("/") && absolute.startsWith(`${root}/`);
  return isOurs ? shownPath(cwd, absolute) : absolute;
}
