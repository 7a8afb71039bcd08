import type { Graph } from "../pipeline/graph.ts";
import type { Stage } from "../pipeline/stage.ts";

export type PlanOptions = Readonly<{
  /** Only the stages asked for, in the order asked for. */
  singleItem: boolean;
  /** All that is connected with the stages asked for. */
  pipeline: boolean;
  /** What needs the stages asked for, instead of what they need. */
  downstream: boolean;
}>;

export type StagePlan = Readonly<{
  /** In the order of a serial run of DVC: depth first, each after those that it needs. */
  stages: readonly Stage[];
  /** Address → addresses in the plan that come before it. */
  after: ReadonlyMap<string, readonly string[]>;
}>;

/** What a run looks at, and in which order. */
export function planStages(graph: Graph, asked: readonly Stage[], options: PlanOptions): StagePlan {
  const byAddress = new Map(graph.stages.map((stage) => [stage.address, stage]));
  const names = [...new Set(asked.map(({ address }) => address))];
  if (options.singleItem) {
    const after = names.map((name, i) => [name, names.slice(Math.max(0, i - 1), i)] as const);
    return { stages: names.map((name) => byAddress.get(name)!), after: new Map(after) };
  }
  const chosen = reach(names, neighbours(graph, options));
  const upstream = (name: string) =>
    (graph.upstream.get(name) ?? []).filter((before) => chosen.has(before));
  const order = postOrder(
    graph.stages.map(({ address }) => address).filter((name) => chosen.has(name)),
    upstream,
  );
  return {
    stages: order.map((name) => byAddress.get(name)!),
    after: new Map(order.map((name) => [name, upstream(name)])),
  };
}

function neighbours(
  { upstream }: Graph,
  { pipeline, downstream }: PlanOptions,
): (name: string) => readonly string[] {
  if (!pipeline && !downstream) return (name) => upstream.get(name) ?? [];
  const dependents = new Map<string, string[]>();
  for (const [name, needs] of upstream) {
    for (const before of needs) {
      const known = dependents.get(before);
      if (known === undefined) dependents.set(before, [name]);
      else known.push(name);
    }
  }
  const after = (name: string) => dependents.get(name) ?? [];
  return pipeline ? (name) => [...(upstream.get(name) ?? []), ...after(name)] : after;
}

function reach(
  from: readonly string[],
  next: (name: string) => readonly string[],
): ReadonlySet<string> {
  const found = new Set(from);
  for (const name of found) for (const other of next(name)) found.add(other);
  return found;
}

/** Without recursion: a chain may be thousands of stages long. */
function postOrder(
  from: readonly string[],
  needs: (name: string) => readonly string[],
): readonly string[] {
  const seen = new Set<string>();
  const order: string[] = [];
  for (const start of from) {
    if (seen.has(start)) continue;
    seen.add(start);
    const open = [{ name: start, rest: needs(start).values() }];
    for (let top = open.at(-1); top !== undefined; top = open.at(-1)) {
      const { value: before, done } = top.rest.next();
      if (done === true) {
        order.push(top.name);
        open.pop();
      } else if (!seen.has(before)) {
        seen.add(before);
        open.push({ name: before, rest: needs(before).values() });
      }
    }
  }
  return order;
}
