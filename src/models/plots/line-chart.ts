import { coordinate, element, svgDocument, textElement } from "../../core/svg.ts";
import { type Axis, drawAxes, type Frame, linearScale } from "./axis.ts";

export type Point = Readonly<{ x: number; y: number }>;

export type Line = Readonly<{
  name: string;
  points: readonly Point[];
  /** A line to compare with, such as chance. */
  reference?: boolean;
  /** Draws a dot at each point. */
  dots?: boolean;
}>;

export type LineChart = Readonly<{
  title: string;
  description: string;
  x: Axis;
  y: Axis;
  lines: readonly Line[];
}>;

const WIDTH = 560;
const HEIGHT = 420;
const FRAME: Frame = { left: 70, right: 540, top: 64, bottom: 360 };

/** Okabe and Ito's colours, told apart with every kind of colour vision. */
export const COLOURS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"] as const;

/** Lines over two axes: learning curve, ROC, precision and recall, calibration. */
export function lineChart(chart: LineChart): string {
  const toX = linearScale(chart.x.domain, { from: FRAME.left, to: FRAME.right });
  const toY = linearScale(chart.y.domain, { from: FRAME.bottom, to: FRAME.top });
  const drawn = chart.lines.map((line, i) => {
    const colour = line.reference === true ? "#777777" : COLOURS[i % COLOURS.length]!;
    const path = line.points
      .map(({ x, y }, k) => `${k === 0 ? "M" : "L"}${coordinate(toX(x))} ${coordinate(toY(y))}`)
      .join("");
    const dots = line.dots === true ? line.points : [];
    return (
      element("path", {
        d: path,
        fill: "none",
        stroke: colour,
        "stroke-width": 2,
        ...(line.reference === true ? { "stroke-dasharray": "4 4" } : {}),
      }) +
      dots
        .map(({ x, y }) => element("circle", { cx: toX(x), cy: toY(y), r: 3, fill: colour }))
        .join("") +
      legendEntry(line.name, i, chart.lines.length, colour)
    );
  });
  return svgDocument(
    { width: WIDTH, height: HEIGHT, title: chart.title, description: chart.description },
    drawAxes(FRAME, chart.x, chart.y),
    ...drawn,
  );
}

function legendEntry(name: string, index: number, count: number, colour: string): string {
  const x = FRAME.left + (index * (FRAME.right - FRAME.left)) / count;
  return (
    element("line", { x1: x, x2: x + 18, y1: 46, y2: 46, stroke: colour, "stroke-width": 2 }) +
    textElement(x + 24, 50, name)
  );
}
