import { join, relative } from "node:path";
import { DuetMindError } from "../../core/errors.ts";
import type { ParamDependency } from "../values/param-values.ts";
import { compareCodePoints } from "../values/python-text.ts";

export type Out = Readonly<{
  /** As written in dvc.yaml, relative to the stage's working folder. */
  path: string;
  isCached: boolean;
  isPersistent: boolean;
  kind: "out" | "metric" | "plot";
}>;

/** One stage of dvc.yaml, templates filled in. */
export type Stage = Readonly<{
  name: string;
  /** How DVC names it: `train`, or `sub/dvc.yaml:train` below the root. */
  address: string;
  /** Absolute working folder. */
  folder: string;
  cmd: string | readonly string[];
  deps: readonly string[];
  params: readonly ParamDependency[];
  outs: readonly Out[];
  isFrozen: boolean;
  isAlwaysChanged: boolean;
}>;

/** A command without deps and outs always runs. */
export function isCallback(stage: Stage): boolean {
  return stage.deps.length === 0 && stage.params.length === 0 && stage.outs.length === 0;
}

/** The command lines, each run by a shell of its own. */
export function commandLines(stage: Stage): readonly string[] {
  if (typeof stage.cmd !== "string") return stage.cmd;
  return stage.cmd.split(/\r\n|[\n\r]/).filter((line, i, all) => i < all.length - 1 || line !== "");
}

/** The absolute path of a dep or out; refuses what is no path, such as `s3://bucket/key`. */
export function resolvePath(stage: Stage, path: string): string {
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(path)) {
    throw new DuetMindError(
      "DVC_YAML_SCHEMA",
      `dvc.yaml: stages.${stage.name}: expected a path (what this version reads), got "${path}"`,
      { file: "dvc.yaml", path: `stages.${stage.name}` },
    );
  }
  return path.startsWith("/") ? path : join(stage.folder, path);
}

/** A path as messages show it: relative to a folder. */
export function shownPath(root: string, path: string): string {
  return relative(root, path) || ".";
}

/** Params in the order of dvc.lock: params.yaml first, the other files sorted. */
export function sortedParams(params: readonly ParamDependency[]): ParamDependency[] {
  const rank = (file: string) => (file === "params.yaml" ? 0 : 1);
  return [...params].sort(
    (a, b) => rank(a.file) - rank(b.file) || compareCodePoints(a.file, b.file),
  );
}
