import type { PathState } from "../cache/path-state.ts";
import type { LockEntry } from "../files/lock-file.ts";
import { isCallback, type Stage } from "../pipeline/stage.ts";
import type { ParamDependency, ParamValues } from "../values/param-values.ts";
import { pythonJson } from "../values/python-text.ts";
import { equalValues, type Value } from "../values/value.ts";

/** What stands on disk now; null: nothing there. */
export type InputStates = Readonly<{
  deps: ReadonlyMap<string, PathState | null>;
  params: ReadonlyMap<string, ParamValues>;
}>;

/** One reason to run a stage, in DVC's words. */
export type Change = Readonly<{
  /** `deps: data.csv modified`. */
  what: string;
  before?: string;
  after?: string;
  /** The dep or out that is not there, where that is the change. */
  missing?: string;
}>;

/** Why the command or the inputs of a stage ask for a run, in DVC's order; empty when they do not. */
export function inputChanges(
  stage: Stage,
  entry: LockEntry | undefined,
  now: InputStates,
): Change[] {
  const command = entry === undefined || entry.cmd === null ? [] : commandChange(stage, entry);
  if (stage.isFrozen) return command;
  if (stage.isAlwaysChanged) return [{ what: "always_changed" }];
  if (isCallback(stage)) return [{ what: "always runs: no deps and no outs" }];
  if (entry === undefined) return [{ what: "new: not in dvc.lock" }];
  return [
    ...command,
    ...[...now.deps].flatMap(([path, state]) =>
      fileChange("deps", path, entry.deps.get(path)?.md5, state),
    ),
    ...stage.params.flatMap((dependency) =>
      paramChanges(
        dependency,
        now.params.get(dependency.file) ?? null,
        entry.params.get(dependency.file),
      ),
    ),
  ];
}

/** Why the outs of a stage ask for a run. */
export function outChanges(
  stage: Stage,
  entry: LockEntry | undefined,
  outs: ReadonlyMap<string, PathState | null>,
): Change[] {
  return stage.outs.flatMap(({ path }) =>
    fileChange("outs", path, entry?.outs.get(path)?.md5, outs.get(path) ?? null),
  );
}

/** A change with what was before and what is now, where that says more. */
export function describeChange({ what, before, after }: Change): string {
  if (before === undefined && after === undefined) return what;
  return `${what}: ${before ?? "nothing"} -> ${after ?? "nothing"}`;
}

function commandChange(stage: Stage, entry: LockEntry): Change[] {
  const [before, after] = [JSON.stringify(entry.cmd), JSON.stringify(stage.cmd)];
  if (before === after) return [];
  return [{ what: "cmd: changed", before: commandText(entry.cmd), after: commandText(stage.cmd) }];
}

function commandText(cmd: Stage["cmd"]): string {
  return typeof cmd === "string" ? cmd : JSON.stringify(cmd);
}

function fileChange(
  kind: "deps" | "outs",
  path: string,
  locked: string | null | undefined,
  now: PathState | null,
): Change[] {
  const before = locked === undefined || locked === null ? {} : { before: locked };
  if (now === null) return [{ what: `${kind}: ${path} deleted`, ...before, missing: path }];
  if (before.before === now.md5) return [];
  const word = before.before === undefined ? "new" : "modified";
  return [{ what: `${kind}: ${path} ${word}`, ...before, after: now.md5 }];
}

/** A key that dvc.lock holds and that the stage does not ask for any more is no change. */
function paramChanges(
  { file, keys }: ParamDependency,
  now: ParamValues,
  locked: ReadonlyMap<string, Value> | undefined,
): Change[] {
  if (now === null) return [{ what: `params: ${file} deleted` }];
  if (locked === undefined) return [{ what: `params: ${file} new` }];
  const asked = keys ?? new Set([...now.keys(), ...locked.keys()]);
  return [...asked].flatMap((key) => {
    const [before, after] = [locked.get(key), now.get(key)];
    const values = {
      ...(before === undefined ? {} : { before: pythonJson(before) }),
      ...(after === undefined ? {} : { after: pythonJson(after) }),
    };
    const what = `params: ${file} ${key}`;
    if (after === undefined) return [{ what: `${what} deleted`, ...values }];
    if (before === undefined) return [{ what: `${what} new`, ...values }];
    return equalValues(before, after) ? [] : [{ what: `${what} modified`, ...values }];
  });
}
