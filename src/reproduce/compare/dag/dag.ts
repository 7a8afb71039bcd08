import { dirname, relative } from "node:path";
import { DuetMindError } from "../../../core/errors.ts";
import { nearestName } from "../../../core/nearest.ts";
import { buildGraph } from "../../pipeline/graph.ts";
import { resolvePath, type Stage } from "../../pipeline/stage.ts";
import { compareCodePoints } from "../../values/python-text.ts";

/** Stages or outs by name, in the order of collection, and which of them each needs. */
export type Dag = ReadonlyMap<string, ReadonlySet<string>>;

export type DagOptions = Readonly<{
  target: string | null;
  /** Outs in place of stages. */
  outs: boolean;
  /** All that is connected with the target, not only what it needs. */
  full: boolean;
  /** One node for all stages of a foreach or matrix. */
  collapse: boolean;
}>;

/** The graph that `dag` draws. Frozen stages keep their edges here, as in DVC's picture. */
export function planDag(
  stages: readonly Stage[],
  root: string,
  cwd: string,
  options: DagOptions,
): Dag {
  buildGraph(stages, root);
  const makers = outMakers(stages);
  const nodeOf = (out: MadeOut) => (options.outs ? relative(cwd, out.path) : out.stage.address);
  const dag = new Map<string, Set<string>>();
  const ownNodes = (stage: Stage) =>
    options.outs
      ? stage.outs.map((out) => relative(cwd, resolvePath(stage, out.path)))
      : [stage.address];
  for (const stage of stages) for (const node of ownNodes(stage)) dag.set(node, new Set());
  for (const stage of stages) {
    const needs = neededOuts(stage, makers).map(nodeOf);
    for (const node of ownNodes(stage)) for (const need of needs) dag.get(node)!.add(need);
  }
  const targets = options.target === null ? [] : findTargets(options.target, stages, cwd, options);
  const kept = targets.length === 0 ? dag : selectNodes(dag, targets, options.full);
  return options.collapse ? collapseGroups(kept) : kept;
}

type MadeOut = Readonly<{ path: string; stage: Stage }>;
type Makers = Readonly<{
  at: ReadonlyMap<string, MadeOut>;
  inside: ReadonlyMap<string, readonly MadeOut[]>;
}>;

function outMakers(stages: readonly Stage[]): Makers {
  const at = new Map<string, MadeOut>();
  const inside = new Map<string, MadeOut[]>();
  for (const stage of stages) {
    for (const out of stage.outs) {
      const made = { path: resolvePath(stage, out.path), stage };
      at.set(made.path, made);
      for (const parent of parents(made.path)) {
        const known = inside.get(parent);
        if (known === undefined) inside.set(parent, [made]);
        else known.push(made);
      }
    }
  }
  return { at, inside };
}

function neededOuts(stage: Stage, { at, inside }: Makers): MadeOut[] {
  return [...stage.deps, ...stage.params.map(({ file }) => file)].flatMap((dep) => {
    const path = resolvePath(stage, dep);
    const around = [path, ...parents(path)].flatMap((place) => at.get(place) ?? []);
    return [...around, ...(inside.get(path) ?? [])];
  });
}

function parents(path: string): string[] {
  const parent = dirname(path);
  return parent === path ? [] : [parent, ...parents(parent)];
}

/** A target is a stage, a group of foreach or matrix, a .dvc file or an out. */
function findTargets(
  target: string,
  stages: readonly Stage[],
  cwd: string,
  { outs }: DagOptions,
): readonly string[] {
  const shown = (stage: Stage, path: string) => relative(cwd, resolvePath(stage, path));
  const file = target.endsWith("dvc.yaml") ? target : null;
  const named = stages.filter(
    (stage) =>
      [stage.address, `dvc.yaml:${stage.address}`].some(
        (name) => name === target || name.startsWith(`${target}@`),
      ) ||
      (file !== null && relative(cwd, stage.file) === file),
  );
  if (named.length > 0) {
    if (!outs) return named.map(({ address }) => address);
    return named.flatMap((stage) => stage.outs.map(({ path }) => shown(stage, path)));
  }
  const path = target.replace(/\/+$/, "");
  const made = stages.flatMap((stage) =>
    stage.outs.flatMap((out) => {
      const at = shown(stage, out.path);
      return at === path || path.startsWith(`${at}/`) ? [outs ? at : stage.address] : [];
    }),
  );
  if (made.length > 0) return made;
  const near = nearestName(
    target,
    stages.map(({ address }) => address),
  );
  throw new DuetMindError(
    "NOT_FOUND",
    `target: expected an output or a stage of dvc.yaml, got "${target}"`,
    near === undefined ? {} : { hint: `did you mean "${near}"?` },
  );
}

/** What the targets need; with `full`, the whole of what they are connected with. */
function selectNodes(dag: Dag, targets: readonly string[], full: boolean): Dag {
  const kept = full ? connected(dag, targets) : reach(dag, targets);
  return new Map(
    [...dag].flatMap(([node, needs]) =>
      kept.has(node) ? [[node, new Set([...needs].filter((need) => kept.has(need)))] as const] : [],
    ),
  );
}

function reach(neighbours: Dag, from: readonly string[]): ReadonlySet<string> {
  const seen = new Set(from);
  for (const node of seen) for (const next of neighbours.get(node) ?? []) seen.add(next);
  return seen;
}

function connected(dag: Dag, from: readonly string[]): ReadonlySet<string> {
  const both = new Map([...dag].map(([node, needs]) => [node, new Set(needs)] as const));
  for (const [node, needs] of dag) for (const need of needs) both.get(need)!.add(node);
  return reach(both, from);
}

function collapseGroups(dag: Dag): Dag {
  const short = (node: string) => (node.endsWith(".dvc") ? node : node.split("@")[0]!);
  const collapsed = new Map<string, Set<string>>();
  for (const node of dag.keys()) if (short(node) === node) collapsed.set(node, new Set());
  for (const [node, needs] of dag) {
    const into = collapsed.get(short(node)) ?? new Set<string>();
    for (const need of needs) into.add(short(need));
    collapsed.set(short(node), into);
  }
  return collapsed;
}

/** The parts of a graph that have nothing to do with each other, each with its nodes sorted. */
export function dagParts(dag: Dag): readonly Dag[] {
  const done = new Set<string>();
  const parts: Dag[] = [];
  for (const node of dag.keys()) {
    if (done.has(node)) continue;
    const nodes = [...connected(dag, [node])].sort(compareCodePoints);
    for (const each of nodes) done.add(each);
    parts.push(new Map(nodes.map((each) => [each, dag.get(each)!])));
  }
  return parts;
}

/** Edges from what is needed to what needs it, sorted. */
export function dagEdges(dag: Dag): readonly (readonly [from: string, to: string])[] {
  return [...dag]
    .flatMap(([node, needs]) => [...needs].map((need) => [need, node] as const))
    .sort((a, b) => compareCodePoints(a[0], b[0]) || compareCodePoints(a[1], b[1]));
}
