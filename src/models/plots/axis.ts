import { element, textElement } from "../../core/svg.ts";

export type Range = Readonly<{ from: number; to: number }>;

/** Linear map from values to pixels. */
export function linearScale(domain: Range, pixels: Range): (value: number) => number {
  const span = domain.to - domain.from || 1;
  return (value) => pixels.from + ((value - domain.from) / span) * (pixels.to - pixels.from);
}

/** About `count` round values inside a range: steps of 1, 2 or 5 times a power of ten. */
export function ticks(domain: Range, count: number): number[] {
  const span = domain.to - domain.from;
  if (!(span > 0) || !Number.isFinite(span)) return [domain.from];
  const step = roundStep(span / count);
  const first = Math.ceil(domain.from / step - 1e-9);
  const last = Math.floor(domain.to / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, i) =>
    Number(((first + i) * step).toPrecision(12)),
  );
}

function roundStep(rough: number): number {
  const power = Number(`1e${Number(rough.toExponential().split("e")[1])}`);
  const factor = [1, 2, 5, 10].find((candidate) => candidate * power >= rough * (1 - 1e-9)) ?? 10;
  return factor * power;
}

export type Frame = Readonly<{ left: number; right: number; top: number; bottom: number }>;

export type Axis = Readonly<{ label: string; domain: Range }>;

const GRID = "#dddddd";

/** Grid lines, tick labels and axis labels of a chart. */
export function drawAxes(frame: Frame, x: Axis, y: Axis): string {
  const toX = linearScale(x.domain, { from: frame.left, to: frame.right });
  const toY = linearScale(y.domain, { from: frame.bottom, to: frame.top });
  const columns = ticks(x.domain, 6).map(
    (value) =>
      element("line", {
        x1: toX(value),
        x2: toX(value),
        y1: frame.top,
        y2: frame.bottom,
        stroke: GRID,
      }) + textElement(toX(value), frame.bottom + 16, String(value), { "text-anchor": "middle" }),
  );
  const rows = ticks(y.domain, 6).map(
    (value) =>
      element("line", {
        x1: frame.left,
        x2: frame.right,
        y1: toY(value),
        y2: toY(value),
        stroke: GRID,
      }) + textElement(frame.left - 6, toY(value) + 4, String(value), { "text-anchor": "end" }),
  );
  const middle = (frame.top + frame.bottom) / 2;
  return [
    ...columns,
    ...rows,
    textElement((frame.left + frame.right) / 2, frame.bottom + 36, x.label, {
      "text-anchor": "middle",
    }),
    textElement(0, 0, y.label, {
      "text-anchor": "middle",
      transform: `translate(16 ${middle}) rotate(-90)`,
    }),
  ].join("");
}
