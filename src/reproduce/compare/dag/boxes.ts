import { type Dag, dagParts } from "./dag.ts";
import { type PlacedNode, placeInLayers } from "./layers.ts";

/**
 * The graph as boxes of ASCII, joined by lines of stars, what is needed above what needs it:
 *
 *     +---------+
 *     | prepare |
 *     +---------+
 *          *
 *          *
 *          *
 *      +-------+
 *      | train |
 *      +-------+
 *
 * Chains look as DVC draws them. Where stages fork, DVC's own picture differs from run to run (it
 * walks a set of edges), so the places are ours.
 */
const BOX_HEIGHT = 3;
const LAYER_HEIGHT = 6;

export function toBoxes(dag: Dag): string {
  return dagParts(dag).map(drawPart).join("\n");
}

function drawPart(part: Dag): string {
  const widthOf = (name: string) => [...name].length + 4;
  const gap = [...part.keys()].map(widthOf).reduce((a, b) => Math.min(a, b));
  const { nodes, edges, layerCount } = placeInLayers(part, widthOf, gap, 1);
  const points = [...nodes, ...edges.flatMap((edge) => edge.points)];
  const left = points.map(({ x, width }) => x - width / 2).reduce((a, b) => Math.min(a, b));
  const right = points.map(({ x, width }) => x + width / 2).reduce((a, b) => Math.max(a, b));
  const height = (layerCount - 1) * LAYER_HEIGHT + BOX_HEIGHT;
  const half = (right - left) / 2;
  const canvas = Array.from({ length: height }, () =>
    new Array<string>(Math.ceil(half) * 2 + 1).fill(" "),
  );
  const put = (x: number, y: number, character: string) => {
    canvas[y]![x] = character;
  };
  for (const edge of edges) {
    for (let i = 1; i < edge.points.length; i++) {
      const [from, to] = [edge.points[i - 1]!, edge.points[i]!];
      drawLine(at(from, BOX_HEIGHT - 1), at(to, 0), put);
    }
    for (const knot of edge.points.slice(1, -1)) drawLine(at(knot, 0), at(knot, 2), put);
  }
  for (const node of nodes) drawBox(node, roundEven(node.x - node.width / 2 - left), put);
  return canvas.map((line) => line.join("")).join("\n");

  function at({ x, layer }: PlacedNode, down: number): readonly [x: number, y: number] {
    return [roundEven(x - left), layer * LAYER_HEIGHT + down];
  }
}

type Put = (x: number, y: number, character: string) => void;

function drawLine(
  [x0, y0]: readonly [number, number],
  [x1, y1]: readonly [number, number],
  put: Put,
): void {
  const steps = Math.max(Math.abs(x1 - x0), Math.abs(y1 - y0), 1);
  for (let i = 0; i <= steps; i++) {
    put(roundEven(x0 + ((x1 - x0) * i) / steps), roundEven(y0 + ((y1 - y0) * i) / steps), "*");
  }
}

function drawBox({ name, layer }: PlacedNode, x: number, put: Put): void {
  const characters = [...name];
  const edge = `+${"-".repeat(characters.length + 2)}+`;
  const top = layer * LAYER_HEIGHT;
  for (const [row, text] of [edge, `| ${name} |`, edge].entries()) {
    for (const [i, character] of [...text].entries()) put(x + i, top + row, character);
  }
}

/** Halves go to the even neighbour, as in the tool whose pictures these are. */
function roundEven(x: number): number {
  const whole = Math.floor(x);
  if (x - whole !== 0.5) return Math.round(x);
  return whole % 2 === 0 ? whole : whole + 1;
}
