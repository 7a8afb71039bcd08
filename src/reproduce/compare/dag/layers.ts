import type { Dag } from "./dag.ts";

/**
 * A layered drawing after Sugiyama: every node one layer below the lowest of what it needs, an edge
 * over several layers held by a knot in each, layers ordered by the mean place of their neighbours,
 * and places found by pulling every node to the middle of its neighbours without overlap.
 */
export type Layers = Readonly<{
  nodes: readonly PlacedNode[];
  edges: readonly PlacedEdge[];
  layerCount: number;
}>;

export type PlacedNode = Readonly<{ name: string; x: number; layer: number; width: number }>;
/** The nodes and knots that an edge runs through, from what is needed down to what needs it. */
export type PlacedEdge = Readonly<{ points: readonly PlacedNode[] }>;

type Node = { name: string; layer: number; width: number; x: number; up: Node[]; down: Node[] };

const ORDER_ROUNDS = 8;
const PLACE_ROUNDS = 12;

export function placeInLayers(
  dag: Dag,
  widthOf: (name: string) => number,
  gap: number,
  knotWidth: number,
): Layers {
  const ranks = rankNodes(dag);
  const nodes = new Map<string, Node>();
  for (const name of dag.keys()) {
    const layer = ranks.get(name)!;
    nodes.set(name, { name, layer, width: widthOf(name), x: 0, up: [], down: [] });
  }
  const lowest = [...ranks.values()].reduce((a, b) => Math.max(a, b), 0);
  const layers: Node[][] = Array.from({ length: lowest + 1 }, () => []);
  for (const node of nodes.values()) layers[node.layer]!.push(node);
  const runs: Node[][] = [];
  for (const [name, needs] of dag) {
    for (const need of needs) {
      const [from, to] = [nodes.get(need)!, nodes.get(name)!];
      const run = [from];
      for (let layer = from.layer + 1; layer < to.layer; layer++) {
        const knot: Node = { name: "", layer, width: knotWidth, x: 0, up: [], down: [] };
        layers[layer]!.push(knot);
        run.push(knot);
      }
      run.push(to);
      for (let i = 1; i < run.length; i++) {
        run[i - 1]!.down.push(run[i]!);
        run[i]!.up.push(run[i - 1]!);
      }
      runs.push(run);
    }
  }
  const ordered = orderLayers(layers);
  placeNodes(ordered, gap);
  return {
    nodes: [...nodes.values()],
    edges: runs.map((points) => ({ points })),
    layerCount: layers.length,
  };
}

/** Longest way from a node that needs nothing; then each as low as what needs it lets it be. */
function rankNodes(dag: Dag): ReadonlyMap<string, number> {
  const ranks = new Map<string, number>();
  const rank = (start: string): number => {
    const stack = [start];
    for (let name = stack.at(-1); name !== undefined; name = stack.at(-1)) {
      const waiting = [...dag.get(name)!].filter((need) => !ranks.has(need));
      if (waiting.length > 0 && !ranks.has(name)) {
        stack.push(...waiting);
        continue;
      }
      stack.pop();
      const above = [...dag.get(name)!].map((need) => ranks.get(need)!);
      ranks.set(name, 1 + above.reduce((a, b) => Math.max(a, b), -1));
    }
    return ranks.get(start)!;
  };
  for (const name of dag.keys()) rank(name);
  const users = new Map<string, string[]>();
  for (const [name, needs] of dag) {
    for (const need of needs) users.set(need, [...(users.get(need) ?? []), name]);
  }
  const downwards = [...ranks.keys()].sort((a, b) => ranks.get(b)! - ranks.get(a)!);
  for (const name of downwards) {
    const below = (users.get(name) ?? []).map((user) => ranks.get(user)!);
    if (below.length > 0) ranks.set(name, below.reduce((a, b) => Math.min(a, b)) - 1);
  }
  return ranks;
}

/** Sweeps down and up; the order with the fewest crossings wins. */
function orderLayers(layers: Node[][]): Node[][] {
  let best = layers.map((layer) => [...layer]);
  let fewest = countCrossings(best);
  let current = best;
  for (let round = 0; round < ORDER_ROUNDS && fewest > 0; round++) {
    const side = round % 2 === 0 ? "up" : "down";
    const places = new Map<Node, number>();
    const next = current.map((layer) => [...layer]);
    const order = side === "up" ? next : next.toReversed();
    for (const layer of order) {
      const mean = new Map(
        layer.map((node, i) => [
          node,
          meanOf(
            node[side].map((each) => places.get(each)!),
            i,
          ),
        ]),
      );
      layer.sort((a, b) => mean.get(a)! - mean.get(b)!);
      for (const [i, node] of layer.entries()) places.set(node, i);
    }
    const crossings = countCrossings(next);
    if (crossings < fewest) [best, fewest] = [next, crossings];
    current = next;
  }
  return best;
}

function meanOf(values: readonly number[], otherwise: number): number {
  return values.length === 0 ? otherwise : values.reduce((a, b) => a + b, 0) / values.length;
}

function countCrossings(layers: readonly (readonly Node[])[]): number {
  let crossings = 0;
  for (const [i, layer] of layers.entries()) {
    const below = new Map((layers[i + 1] ?? []).map((node, place) => [node, place]));
    const ends = layer.flatMap((node) =>
      node.down.map((to) => below.get(to)!).sort((a, b) => a - b),
    );
    for (let a = 0; a < ends.length; a++) {
      for (let b = a + 1; b < ends.length; b++) if (ends[a]! > ends[b]!) crossings++;
    }
  }
  return crossings;
}

function placeNodes(layers: readonly (readonly Node[])[], gap: number): void {
  for (const layer of layers)
    placeLayer(
      layer,
      layer.map(() => 0),
      gap,
    );
  for (let round = 0; round < PLACE_ROUNDS; round++) {
    const side = round % 2 === 0 ? "up" : "down";
    for (const layer of side === "up" ? layers : layers.toReversed()) {
      placeLayer(
        layer,
        layer.map((node) =>
          meanOf(
            node[side].map(({ x }) => x),
            node.x,
          ),
        ),
        gap,
      );
    }
  }
}

/** The places nearest to those wished for that keep the order and the distances: pooled means. */
function placeLayer(layer: readonly Node[], wished: readonly number[], gap: number): void {
  const offsets: number[] = [];
  for (const [i, node] of layer.entries()) {
    const before = layer[i - 1];
    offsets.push(
      before === undefined ? 0 : offsets[i - 1]! + (before.width + node.width) / 2 + gap,
    );
  }
  const pools: { sum: number; count: number }[] = [];
  for (const [i, wish] of wished.entries()) {
    let pool = { sum: wish - offsets[i]!, count: 1 };
    for (let last = pools.at(-1); last !== undefined; last = pools.at(-1)) {
      if (last.sum / last.count <= pool.sum / pool.count) break;
      pool = { sum: pool.sum + last.sum, count: pool.count + last.count };
      pools.pop();
    }
    pools.push(pool);
  }
  let i = 0;
  for (const { sum, count } of pools) {
    for (let n = 0; n < count; n++, i++) layer[i]!.x = sum / count + offsets[i]!;
  }
}
