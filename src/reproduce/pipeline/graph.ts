import { DuetMindError } from "../../core/errors.ts";
import { growOutTree, type OutTree, outsAt, placeOf, refuseHeldFiles } from "./out-tree.ts";
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
  outs: OutTree;
}>;

export function buildGraph<S extends Stage>(stages: readonly S[], root: string): Graph<S> {
  const outs = growOutTree(stages, root);
  refuseHeldFiles(outs, stages, root);
  const makers = new Map(
    stages.flatMap((stage) =>
      stage.outs.map(({ path }) => [resolvePath(stage, path), stage.address] as const),
    ),
  );
  const upstream = new Map(
    stages.map((stage) => [stage.address, upstreamOf(stage, outs)] as const),
  );
  const cycle = findCycle(upstream);
  if (cycle !== undefined) throw cyclic(cycle, stages, root);
  return { stages, upstream, makers, outs };
}

/** The graph of a run: what a frozen stage needs is not looked at. */
export function activeGraph<S extends Stage>(graph: Graph<S>): Graph<S> {
  const frozen = graph.stages.filter(({ isFrozen }) => isFrozen);
  if (frozen.length === 0) return graph;
  const cut = frozen.map(({ address }) => [address, []] as const);
  return { ...graph, upstream: new Map([...graph.upstream, ...cut]) };
}

/** True when a stage makes the path, something around it or something inside it. */
export function isMadeBy(graph: Graph, path: string): boolean {
  return outsAt(graph.outs, path).length > 0;
}

function upstreamOf(stage: Stage, outs: OutTree): string[] {
  const paths = [...stage.deps, ...stage.params.map(({ file }) => file)];
  const makers = paths.flatMap((path) => outsAt(outs, resolvePath(stage, path)));
  return [...new Set(makers.map((made) => made.stage.address))];
}

/** Stages that wait for each other, the first one twice. Without recursion: chains are long. */
function findCycle(upstream: ReadonlyMap<string, readonly string[]>): string[] | undefined {
  const done = new Set<string>();
  for (const start of upstream.keys()) {
    const open = new Map([[start, upstream.get(start)!.values()]]);
    const way = [start];
    for (let name = way.at(-1); name !== undefined && !done.has(name); name = way.at(-1)) {
      const { value: before, done: isLast } = open.get(name)!.next();
      if (isLast === true) {
        done.add(name);
        open.delete(name);
        way.pop();
      } else if (open.has(before)) {
        return [...way.slice(way.indexOf(before)), before];
      } else if (!done.has(before)) {
        way.push(before);
        open.set(before, (upstream.get(before) ?? []).values());
      }
    }
  }
  return undefined;
}

function cyclic(names: readonly string[], stages: readonly Stage[], root: string): DuetMindError {
  const first = stages.find(({ address }) => address === names[0])!;
  const file = shownPath(root, first.file);
  return new DuetMindError(
    "DVC_YAML_GRAPH",
    `${file}: expected stages without a cycle, got ${names.toReversed().join(" -> ")}`,
    placeOf(first, root),
  );
}
