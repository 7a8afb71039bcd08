import { resolve } from "node:path";
import { DuetMindError } from "../../core/errors.ts";
import type { Repository } from "../files/repository.ts";
import { findNamed, unknownTarget } from "./find-targets.ts";
import { buildGraph } from "./graph.ts";
import { type Out, resolvePath, type Stage, shownPath } from "./stage.ts";

/** An out that targets ask for. */
export type SelectedOut = Readonly<{
  stage: Stage;
  out: Out;
  /** Absolute. */
  path: string;
  /** Relative to where the command was called. */
  shown: string;
  /** The path below a folder that a target names; null: the whole out. */
  inside: string | null;
}>;

export type OutTargets = Readonly<{
  /** Stages, groups of stages, dvc.yaml and .dvc files, outs, paths inside outs; none: every out. */
  targets: readonly string[];
  /** The outs of all stages before the targets' too. */
  withDeps: boolean;
  /** A target that is a folder means every out and stage file below it. */
  recursive: boolean;
  /** Targets are patterns with `*`, `?`, `**` and `[…]`. */
  glob: boolean;
}>;

export const EVERY_OUT: OutTargets = {
  targets: [],
  withDeps: false,
  recursive: false,
  glob: false,
};

/** The outs that targets ask for, in the order of the stages, each once. */
export function selectOuts(
  stages: readonly Stage[],
  asked: OutTargets,
  { root, cwd }: Pick<Repository, "root" | "cwd">,
): readonly SelectedOut[] {
  const all = stages.flatMap((stage) =>
    stage.outs.filter(isLocal).map((out): SelectedOut => {
      const path = resolvePath(stage, out.path);
      return { stage, out, path, shown: shownPath(cwd, path), inside: null };
    }),
  );
  if (asked.targets.length === 0) return all;
  const targets = asked.glob ? asked.targets.flatMap((each) => expand(each, all)) : asked.targets;
  const chosen = targets.flatMap((target) =>
    selectTarget(target, stages, all, { recursive: asked.recursive, cwd }),
  );
  const before = asked.withDeps ? outsBefore(chosen, stages, all, root) : [];
  return inOrder([...chosen, ...before], all);
}

/** An out at an address such as s3://bucket/key is in no cache. */
function isLocal({ path }: Out): boolean {
  return !/^[a-z][a-z0-9+.-]*:\/\//i.test(path);
}

/** The absolute paths of every out. */
export function outPaths(stages: readonly Stage[]): readonly string[] {
  return stages.flatMap((stage) =>
    stage.outs.filter(isLocal).map((out) => resolvePath(stage, out.path)),
  );
}

function selectTarget(
  target: string,
  stages: readonly Stage[],
  all: readonly SelectedOut[],
  { recursive, cwd }: Readonly<{ recursive: boolean; cwd: string }>,
): readonly SelectedOut[] {
  const named = new Set(findNamed(stages, target, { cwd, recursive, glob: false }));
  const path = resolve(cwd, target);
  const below = path === "/" ? "/" : `${path}/`;
  const found = all.flatMap((each): SelectedOut[] => {
    if (named.has(each.stage)) return [each];
    if (named.size > 0 && !recursive) return [];
    if (each.path === path || (recursive && each.path.startsWith(below))) return [each];
    if (!path.startsWith(`${each.path}/`)) return [];
    return [{ ...each, inside: path.slice(each.path.length + 1) }];
  });
  if (found.length > 0 || named.size > 0) return found;
  throw unknownTarget(
    target,
    all.flatMap(({ stage, shown }) => [stage.address, shown]),
  );
}

function outsBefore(
  chosen: readonly SelectedOut[],
  stages: readonly Stage[],
  all: readonly SelectedOut[],
  root: string,
): readonly SelectedOut[] {
  const { upstream } = buildGraph(stages, root);
  const asked = new Set(chosen.map(({ stage }) => stage.address));
  const before = new Set(asked);
  for (const address of before) for (const made of upstream.get(address) ?? []) before.add(made);
  return all.filter(({ stage }) => before.has(stage.address) && !asked.has(stage.address));
}

/** A whole out takes in every path inside it. */
function inOrder(
  chosen: readonly SelectedOut[],
  all: readonly SelectedOut[],
): readonly SelectedOut[] {
  return all.flatMap((each) => {
    const same = chosen.filter(({ stage, out }) => stage === each.stage && out === each.out);
    if (same.length === 0) return [];
    if (same.some(({ inside }) => inside === null)) return [each];
    return [...new Map(same.map((part) => [part.inside, part])).values()];
  });
}

function expand(pattern: string, all: readonly SelectedOut[]): readonly string[] {
  const matches = globRegex(pattern);
  const names = all.flatMap(({ stage, shown }) => [
    shown,
    ...(stage.name === null ? [stage.address] : []),
  ]);
  const found = [...new Set(names)].filter((name) => matches.test(name));
  if (found.length > 0) return found;
  throw new DuetMindError("BAD_INPUT", `--glob: expected a pattern that matches, got "${pattern}"`);
}

/** A pattern with `*`, `?`, `**` and `[…]` over a whole path. */
export function globRegex(pattern: string): RegExp {
  const source = pattern.replace(
    /\*\*\/|\*\*|\*|\?|\[(!?)([^\]]+)\]|[\\^$.+(){}|[\]]/g,
    (part, not: string | undefined, inside: string | undefined) => {
      if (part === "**/") return "(?:[^/]+/)*";
      if (part === "**") return ".*";
      if (part === "*") return "[^/]*";
      if (part === "?") return "[^/]";
      if (inside !== undefined)
        return `[${not === "!" ? "^" : ""}${inside.replace(/[\\^]/g, "\\$&")}]`;
      return `\\${part}`;
    },
  );
  return new RegExp(`^(?:${source})$`);
}
