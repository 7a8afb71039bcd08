import { dirname } from "node:path";
import { DuetMindError } from "../../core/errors.ts";
import { resolvePath, type Stage, shownPath } from "./stage.ts";

/**
 * Stages and who must run before whom: a dep's path equals, contains or lies inside an out's path.
 * Stages go by their addresses, which are unique in a repository; names are unique in one dvc.yaml only.
 */
export type Graph<S extends Stage = Stage> = Readonly<{
  stages: readonly S[];
  /** Address of a stage → addresses of those that make its deps. */
  upstream: ReadonlyMap<string, readonly string[]>;
  /** Absolute path of each out → the address of the stage that makes it. */
  makers: ReadonlyMap<string, string>;
}>;

export function buildGraph<S extends Stage>(stages: readonly S[], root: string): Graph<S> {
  const makers = new Map<string, string>();
  for (const stage of stages) {
    for (const out of stage.outs) {
      const path = resolvePath(stage, out.path);
      const other = makers.get(path);
      if (other !== undefined) throw overlap(stage.address, other, shownPath(root, path));
      makers.set(path, stage.address);
    }
  }
  const inside = makersInside(makers);
  for (const [path, name] of makers) {
    const outer = parents(path).find((parent) => makers.has(parent));
    if (outer !== undefined) throw overlap(name, makers.get(outer)!, shownPath(root, path));
  }
  const upstream = new Map(
    stages.map((stage) => [stage.address, upstreamOf(stage, makers, inside)] as const),
  );
  const graph = { stages, upstream, makers };
  refuseHome(makers, root);
  orderStages(
    graph,
    stages.map(({ address }) => address),
  );
  return graph;
}

/** An out is removed before its stage runs, so it must not hold the pipeline itself. */
function refuseHome(makers: ReadonlyMap<string, string>, root: string): void {
  for (const place of [root, ...parents(root)]) {
    const name = makers.get(place);
    if (name === undefined) continue;
    throw new DuetMindError(
      "DVC_YAML_GRAPH",
      `dvc.yaml: stages.${name}: expected outs beside dvc.yaml, got "${shownPath(root, place)}", which holds it`,
      { file: "dvc.yaml", path: `stages.${name}` },
    );
  }
}

/** True when a stage makes the path, something around it or something inside it. */
export function isMadeBy(graph: Graph, path: string): boolean {
  return (
    [path, ...parents(path)].some((place) => graph.makers.has(place)) ||
    [...graph.makers.keys()].some((made) => made.startsWith(`${path}/`))
  );
}

/** Folder → the stages that make something inside it. */
function makersInside(makers: ReadonlyMap<string, string>): ReadonlyMap<string, Set<string>> {
  const inside = new Map<string, Set<string>>();
  for (const [path, name] of makers) {
    for (const parent of parents(path)) {
      const names = inside.get(parent) ?? new Set();
      inside.set(parent, names.add(name));
    }
  }
  return inside;
}

function parents(path: string): string[] {
  const parent = dirname(path);
  return parent === path ? [] : [parent, ...parents(parent)];
}

function upstreamOf(
  stage: Stage,
  makers: ReadonlyMap<string, string>,
  inside: ReadonlyMap<string, Set<string>>,
): string[] {
  if (stage.isFrozen) return [];
  const names = new Set<string>();
  for (const dep of [...stage.deps, ...stage.params.map(({ file }) => file)]) {
    const path = resolvePath(stage, dep);
    for (const place of [path, ...parents(path)]) {
      const maker = makers.get(place);
      if (maker !== undefined) names.add(maker);
    }
    for (const maker of inside.get(path) ?? []) names.add(maker);
  }
  return [...names];
}

/** Names in an order in which each comes after what it needs: depth first, in file order. */
export function orderStages(graph: Graph, names: readonly string[]): string[] {
  const done = new Set<string>();
  const open: string[] = [];
  const visit = (name: string) => {
    if (done.has(name)) return;
    if (open.includes(name)) throw cycle([...open.slice(open.indexOf(name)), name]);
    open.push(name);
    for (const before of graph.upstream.get(name) ?? []) visit(before);
    open.pop();
    done.add(name);
  };
  for (const name of names) visit(name);
  return [...done];
}

function overlap(stage: string, other: string, path: string): DuetMindError {
  return new DuetMindError(
    "DVC_YAML_GRAPH",
    stage === other
      ? `dvc.yaml: stages.${stage}: expected outs that do not overlap, got "${path}" twice or inside another`
      : `dvc.yaml: expected each out in one stage, got "${path}" in "${other}" and "${stage}"`,
    { file: "dvc.yaml", path: `stages.${stage}` },
  );
}

function cycle(names: readonly string[]): DuetMindError {
  return new DuetMindError(
    "DVC_YAML_GRAPH",
    `dvc.yaml: expected stages without a cycle, got ${names.toReversed().join(" -> ")}`,
    { file: "dvc.yaml", path: `stages.${names[0]}` },
  );
}
