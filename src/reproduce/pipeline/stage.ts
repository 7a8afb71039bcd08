import { join, relative } from "node:path";
import { DuetMindError } from "../../core/errors.ts";
import type { DvcFile, DvcFileOut } from "../files/dvc-file.ts";
import type { ParamDependency } from "../values/param-values.ts";
import { compareCodePoints } from "../values/python-text.ts";
import type { Value, ValueMap } from "../values/value.ts";

/** The properties of a plot, as `outs` of the kind "plot" and a .dvc file of one carry them. */
export type PlotProperties = Readonly<{
  x?: string;
  y?: string;
  x_label?: string;
  y_label?: string;
  title?: string;
  template?: string;
  header?: boolean;
}>;

export type Out = Readonly<{
  /** As DVC writes it into dvc.lock: relative to the stage's working folder, in its shortest form. */
  path: string;
  kind: "out" | "metric" | "plot";
  isCached: boolean;
  isPersistent: boolean;
  /** False: `push` leaves it out. */
  push: boolean;
  /** The only remote to use for it; null: the default one. */
  remote: string | null;
  plot: PlotProperties | null;
}>;

/** The values that templates of a stage took from files: file → dotted key → value. */
export type TrackedValues = ReadonlyMap<string, ReadonlyMap<string, Value>>;

/** One stage of dvc.yaml, templates filled in, or the one of a .dvc file. */
export type Stage = Readonly<{
  /** Its key in dvc.yaml, `group@key` for one of foreach or matrix; null: a .dvc file. */
  name: string | null;
  /** How DVC names it: `train`, `sub/dvc.yaml:train` elsewhere, `data.csv.dvc`; from where it was called. */
  address: string;
  /** Absolute path of the dvc.yaml or .dvc file. */
  file: string;
  /** Absolute working folder. */
  folder: string;
  /** Null: a .dvc file has none. */
  cmd: string | readonly string[] | null;
  deps: readonly string[];
  params: readonly ParamDependency[];
  outs: readonly Out[];
  isFrozen: boolean;
  isAlwaysChanged: boolean;
  tracked: TrackedValues;
  /** The keys of dvc.yaml, templates filled in, or of the .dvc file, as written. */
  definition(): ValueMap;
  /** What a .dvc file holds; null: a stage of a dvc.yaml. */
  dvcFile: DvcFile | null;
}>;

const NO_VALUES: TrackedValues = new Map();
const NO_DEPS: readonly string[] = [];

/** Key by key: `{ ...out }` takes several times as long, and a repository may have thousands. */
function toOut({ path, isCached, isPersistent, push, remote }: DvcFileOut): Out {
  return { path, kind: "out", isCached, isPersistent, push, remote, plot: null };
}

/** A .dvc file as a stage. */
export function dvcFileStage(dvcFile: DvcFile, address: string): Stage {
  return {
    name: null,
    address,
    file: dvcFile.path,
    folder: dvcFile.folder,
    cmd: null,
    deps: dvcFile.recorded.deps.size === 0 ? NO_DEPS : [...dvcFile.recorded.deps.keys()],
    params: [],
    outs: dvcFile.outs.map(toOut),
    isFrozen: dvcFile.isFrozen,
    isAlwaysChanged: dvcFile.isAlwaysChanged,
    tracked: NO_VALUES,
    definition: dvcFile.content,
    dvcFile,
  };
}

/** A stage of a dvc.yaml, which has a name and a command. */
export type PipelineStage = Stage & Readonly<{ name: string; cmd: string | readonly string[] }>;

export function isPipelineStage(stage: Stage): stage is PipelineStage {
  return stage.name !== null && stage.cmd !== null;
}

/** A command without deps and outs always runs. */
export function isCallback(stage: Stage): boolean {
  return (
    stage.cmd !== null &&
    stage.deps.length === 0 &&
    stage.params.length === 0 &&
    stage.outs.length === 0
  );
}

/** The command lines, each run by a shell of its own. */
export function commandLines(stage: Stage): readonly string[] {
  if (stage.cmd === null) return [];
  if (typeof stage.cmd !== "string") return stage.cmd;
  return stage.cmd.split(/\r\n|[\n\r]/).filter((line, i, all) => i < all.length - 1 || line !== "");
}

/** How a message names a stage: `dvc.yaml: stages.train`, or its .dvc file. */
export function stageSubject(stage: Stage): string {
  const place = /^(.*dvc\.yaml):/.exec(stage.address)?.[1] ?? "dvc.yaml";
  return stage.name === null ? stage.address : `${place}: stages.${stage.name}`;
}

/** The absolute path of a dep or out; refuses what is no path, such as `s3://bucket/key`. */
export function resolvePath(stage: Stage, path: string): string {
  if (path.includes("://") && /^[a-z][a-z0-9+.-]*:\/\//i.test(path)) {
    throw new DuetMindError(
      "DVC_YAML_SCHEMA",
      `${stage.address}: expected a path (what this version reads), got "${path}"`,
      {
        file: stage.file,
        path: `stages.${stage.name}`,
        hint: "DVC can read addresses and datasets; here a stage brings such data into a file",
      },
    );
  }
  if (path.startsWith("/")) return path;
  const { folder } = stage;
  return isShortest(path) && folder !== "/" ? `${folder}/${path}` : join(folder, path);
}

/** A path as messages show it: relative to a folder. */
export function shownPath(root: string, path: string): string {
  if (path.startsWith(`${root}/`)) {
    const inside = path.slice(root.length + 1);
    if (isShortest(inside)) return inside;
  }
  return relative(root, path) || ".";
}

/** True for a path that `join` and `relative` would leave as it is: they take a while for thousands. */
function isShortest(path: string): boolean {
  if (!path.includes("/")) return path !== "" && path !== "." && path !== "..";
  return !/(?:^|\/)\.{0,2}(?:\/|$)/.test(path);
}

/** Params in the order of dvc.lock: params.yaml first, the other files sorted. */
export function sortedParams(params: readonly ParamDependency[]): ParamDependency[] {
  const rank = (file: string) => (file === "params.yaml" ? 0 : 1);
  return [...params].sort(
    (a, b) => rank(a.file) - rank(b.file) || compareCodePoints(a.file, b.file),
  );
}
