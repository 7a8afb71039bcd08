import { element, textElement } from "../../../core/svg.ts";
import type { Value } from "../../values/value.ts";
import { drawBars } from "./chart-bars.ts";
import { axisLines, type Frame, numberOf, rangeOf, scale } from "./chart-frame.ts";
import { drawMatrices } from "./chart-matrix.ts";
import { chartPicture, colorOf, labelText } from "./chart-picture.ts";
import type { Point } from "./plot-points.ts";
import type { Plot } from "./plots.ts";

const FRAME: Frame = { left: 64, top: 36, width: 420, height: 280 };
const DASHES = ["", "8 8", "8 4", "4 4", "4 2", "2 1", "1 1"];

/** A plot as SVG: lines, points, bars or matrices, by the template that it asks for. */
export function drawPlot(plot: Plot): string {
  switch (plot.templateName) {
    case "confusion":
    case "confusion_normalized":
      return drawMatrices(plot);
    case "bar_horizontal":
    case "bar_horizontal_sorted":
      return drawBars(plot);
    default:
      return drawXy(plot, /^scatter/.test(plot.templateName));
  }
}

/** Lines join the points of a series in the order of x; a point alone is drawn as one. */
function drawXy(plot: Plot, isScatter: boolean): string {
  const xs = placesOf(plot.points.map((point) => point.get(plot.x)));
  const ys = placesOf(plot.points.map((point) => point.get(plot.y)));
  const [xRange, yRange] = [rangeOf(xs.values), rangeOf(ys.values)];
  const at = (i: number): readonly [number, number] => [
    FRAME.left + scale(xs.values[i]!, xRange) * FRAME.width,
    FRAME.top + (1 - scale(ys.values[i]!, yRange)) * FRAME.height,
  ];
  const series = new Map<string, number[]>();
  for (const [i, point] of plot.points.entries()) {
    const key = seriesKey(plot, point);
    if (!Number.isFinite(xs.values[i]!) || !Number.isFinite(ys.values[i]!)) continue;
    series.set(key, [...(series.get(key) ?? []), i]);
  }
  const shapes = [...series.values()].flatMap((members) => {
    const point = plot.points[members[0]!]!;
    const color = colorOf(plot, String(point.get("rev")));
    const dash = DASHES[seriesPlace(plot, point) % DASHES.length]!;
    const places = [...members].sort((a, b) => xs.values[a]! - xs.values[b]!).map(at);
    const line = element("polyline", {
      points: places.map((place) => place.map((each) => each.toFixed(2)).join(",")).join(" "),
      fill: "none",
      stroke: color,
      "stroke-width": 2,
      "stroke-dasharray": dash,
    });
    const dots = places.map(([cx, cy]) => element("circle", { cx, cy, r: 3, fill: color }));
    return isScatter ? dots : members.length === 1 ? dots : [line];
  });
  const labels = { x: labelText(plot.xLabel), y: labelText(plot.yLabel) };
  return withLegend(plot, [
    ...axisLines(
      FRAME,
      { range: xRange, names: xs.names },
      { range: yRange, names: ys.names },
      labels,
    ),
    ...shapes,
  ]);
}

/** Numbers are themselves and words among them are left out; where all are words, each has a place. */
function placesOf(cells: readonly (Value | undefined)[]) {
  const values = cells.map(numberOf);
  if (values.some((value) => !Number.isNaN(value))) return { values, names: null };
  const names = [...new Set(cells.map(labelText))];
  const places = new Map(names.map((name, i) => [name, i]));
  return { values: cells.map((cell) => places.get(labelText(cell))!), names };
}

function seriesKey(plot: Plot, point: Point): string {
  return JSON.stringify([String(point.get("rev")), seriesPlace(plot, point)]);
}

function seriesPlace({ series }: Plot, point: Point): number {
  return Math.max(
    0,
    series.findIndex(
      (each) => each.filename === point.get("filename") && each.field === point.get("field"),
    ),
  );
}

function withLegend(plot: Plot, shapes: readonly string[]): string {
  const revisions = plot.revisions.map((name) => ({ name, color: colorOf(plot, name), dash: "" }));
  const series =
    plot.series.length < 2
      ? []
      : plot.series.map((each, i) => ({
          name: `${each.filename}::${each.field}`,
          color: "currentColor",
          dash: DASHES[i % DASHES.length]!,
        }));
  const left = FRAME.left + FRAME.width + 20;
  const entries = [...revisions, ...series].map(({ name, color, dash }, i) => {
    const y = FRAME.top + 8 + i * 18;
    const line = { x1: left, y1: y, x2: left + 22, y2: y, stroke: color, "stroke-width": 3 };
    return (
      element("line", { ...line, "stroke-dasharray": dash }) + textElement(left + 28, y + 4, name)
    );
  });
  return chartPicture(plot, left + 200, FRAME.top + FRAME.height + 56, [...shapes, ...entries]);
}
