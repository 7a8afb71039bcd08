import { escapeHtml, htmlPage } from "../../../core/html-page.ts";
import { coordinate, element, textElement } from "../../../core/svg.ts";
import { type Dag, dagEdges, dagParts } from "./dag.ts";
import { type PlacedNode, placeInLayers } from "./layers.ts";

const CHARACTER = 7;
const BOX = 28;
const LAYER = 72;
const GAP = 24;

/** A page in one file with the graph as pictures, and every edge in words below. */
export function toDagHtml(dag: Dag, title: string): string {
  const parts = dagParts(dag);
  const edges = parts.flatMap(dagEdges);
  const words = edges.map(([from, to]) => `<li>${escapeHtml(from)} → ${escapeHtml(to)}</li>`);
  return htmlPage(
    title,
    `<h1>${escapeHtml(title)}</h1>`,
    `<p class="soft">${dag.size} nodes, ${edges.length} edges</p>`,
    ...parts.map((part) => `<div class="wide">${drawPart(part)}</div>`),
    words.length === 0 ? "" : `<h2>Edges</h2><ul>${words.join("\n")}</ul>`,
  );
}

function drawPart(part: Dag): string {
  const widthOf = (name: string) => [...name].length * CHARACTER + 24;
  const { nodes, edges, layerCount } = placeInLayers(part, widthOf, GAP, 4);
  const points = [...nodes, ...edges.flatMap((edge) => edge.points)];
  const left = points.map(({ x, width }) => x - width / 2).reduce((a, b) => Math.min(a, b)) - 2;
  const right = points.map(({ x, width }) => x + width / 2).reduce((a, b) => Math.max(a, b)) + 2;
  const [width, height] = [right - left, (layerCount - 1) * LAYER + BOX + 4];
  const lines = edges.map((edge) =>
    element("path", {
      d: pathOf(edge.points, left),
      fill: "none",
      stroke: "currentColor",
      "stroke-opacity": 0.5,
    }),
  );
  const boxes = nodes.map((node) => {
    const [x, y] = [node.x - left, node.layer * LAYER + 2];
    const shape = { x: x - node.width / 2, y, width: node.width, height: BOX, rx: 5 };
    return element(
      "g",
      {},
      element("rect", { ...shape, class: "track", stroke: "currentColor" }),
      textElement(x, y + BOX / 2 + 4, node.name, { "text-anchor": "middle" }),
    );
  });
  return element(
    "svg",
    { viewBox: `0 0 ${coordinate(width)} ${coordinate(height)}`, width, height, role: "img" },
    element("title", {}, "Graph of the pipeline; its edges are listed below"),
    ...lines,
    ...boxes,
  );
}

function pathOf(points: readonly PlacedNode[], left: number): string {
  const at = (point: PlacedNode, y: number) => `${coordinate(point.x - left)} ${coordinate(y)}`;
  return points
    .slice(1)
    .map((to, i) => {
      const from = points[i]!;
      const [start, end] = [from.layer * LAYER + BOX + 2, to.layer * LAYER + 2];
      const bend = (end - start) / 2;
      return `M${at(from, start - (from.name === "" ? BOX : 0))} L${at(from, start)} C${at(from, start + bend)} ${at(to, end - bend)} ${at(to, end)}`;
    })
    .join(" ");
}
