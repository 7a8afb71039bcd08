import { statSync } from "node:fs";
import { basename, isAbsolute, join, relative } from "node:path";
import { DuetMindError } from "../../core/errors.ts";
import { nearestName } from "../../core/nearest.ts";
import { isStageFile } from "./collect.ts";
import { resolvePath, type Stage } from "./stage.ts";

export type TargetOptions = Readonly<{
  /** Where the command was called: targets are relative to it. */
  cwd: string;
  /** Names may be patterns, as a shell's for files. */
  glob: boolean;
  /** A folder stands for every stage in it. */
  recursive: boolean;
}>;

/**
 * The stages that a target means, in DVC's order of preference: a dvc.yaml or .dvc file (`sub/dvc.yaml`),
 * a stage or group of one (`sub/dvc.yaml:train`, `train`), with `recursive` a folder, and last an out.
 */
export function findTarget(
  stages: readonly Stage[],
  target: string,
  options: TargetOptions,
): readonly Stage[] {
  const named = findNamed(stages, target, options);
  if (named.length > 0) return named;
  const at = isAbsolute(target) ? target : join(options.cwd, target);
  const makers = stages.filter((stage) =>
    stage.outs.some(({ path }) => resolvePath(stage, path) === at),
  );
  if (makers.length > 0) return makers;
  throw unknownTarget(
    target,
    stages.map(({ address }) => address),
  );
}

/** The stages that a target means by a name, not by an out; empty where there are none. */
export function findNamed(
  stages: readonly Stage[],
  target: string,
  options: TargetOptions,
): readonly Stage[] {
  const at = isAbsolute(target) ? target : join(options.cwd, target);
  if (options.recursive && statSync(at, { throwIfNoEntry: false })?.isDirectory() === true) {
    return stages.filter(({ file }) => isInside(at, file));
  }
  if (isStageFile(basename(at))) {
    const inFile = stages.filter(({ file }) => file === at);
    if (inFile.length > 0) return inFile;
  }
  return byName(stages, target, options);
}

function byName(
  stages: readonly Stage[],
  target: string,
  { cwd, glob }: TargetOptions,
): readonly Stage[] {
  const [, place, name] = /^(?:(.*?dvc\.yaml)?:)?(.*)$/s.exec(target)!;
  const file = place !== undefined && isAbsolute(place) ? place : join(cwd, place ?? "dvc.yaml");
  const own = stages.filter((stage) => stage.file === file);
  const isAsked = glob ? toMatcher(name!) : (known: string) => known === name;
  const exact = own.filter((stage) => stage.name !== null && isAsked(stage.name));
  if (exact.length > 0) return exact;
  return own.filter((stage) => stage.name?.startsWith(`${name}@`) === true);
}

function isInside(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way !== "" && !way.startsWith("..") && !isAbsolute(way);
}

/** `*`, `?`, `[ab]` and `[!ab]`. */
function toMatcher(pattern: string): (name: string) => boolean {
  const source = pattern.replace(/\[(!?)([^\]]+)\]|[*?]|[^*?[]+|\[/gs, (part, not, set) => {
    if (part === "*") return ".*";
    if (part === "?") return ".";
    if (set !== undefined)
      return `[${not === "" ? "" : "^"}${String(set).replace(/[\\\]^]/g, "\\$&")}]`;
    return part.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
  });
  const matcher = new RegExp(`^${source}$`, "su");
  return (name) => matcher.test(name);
}

/** The error for a target that is neither a stage nor an out. */
export function unknownTarget(target: string, names: readonly string[]): DuetMindError {
  const near = nearestName(target, names);
  return new DuetMindError(
    "DVC_YAML_GRAPH",
    `target: expected a stage of dvc.yaml, got "${target}"`,
    { hint: near === undefined ? `stages: ${names.join(", ")}` : `did you mean "${near}"?` },
  );
}
