import { element, textElement } from "../../../core/svg.ts";
import type { Value } from "../../values/value.ts";

export type Frame = Readonly<{ left: number; top: number; width: number; height: number }>;
export type Range = Readonly<{ low: number; high: number }>;
export type ChartAxis = Readonly<{ range: Range; names: readonly string[] | null }>;

const TICKS = 5;

/** The number of a cell; cells of CSV are texts. */
export function numberOf(cell: Value | undefined): number {
  if (typeof cell === "number" || typeof cell === "bigint") return Number(cell);
  if (typeof cell === "boolean") return cell ? 1 : 0;
  return typeof cell === "string" && cell.trim() !== "" ? Number(cell) : Number.NaN;
}

/** From the least to the most of the numbers, never empty. */
export function rangeOf(values: readonly number[]): Range {
  const finite = values.filter(Number.isFinite);
  if (finite.length === 0) return { low: 0, high: 1 };
  const low = finite.reduce((a, b) => Math.min(a, b));
  const high = finite.reduce((a, b) => Math.max(a, b));
  return low === high ? { low: low - 0.5, high: high + 0.5 } : { low, high };
}

/** The place of a number in its range, 0 to 1. */
export function scale(value: number, { low, high }: Range): number {
  return (value / 2 - low / 2) / (high / 2 - low / 2);
}

/** Both axes with ticks, and their labels. */
export function axisLines(
  frame: Frame,
  x: ChartAxis,
  y: ChartAxis,
  labels: Readonly<{ x: string; y: string }>,
): readonly string[] {
  const { left, top, width, height } = frame;
  const bottom = top + height;
  const xTicks = ticksOf(x).map(({ place, text }) => {
    const at = left + place * width;
    const line = { x1: at, y1: top, x2: at, y2: bottom + 4 };
    return grid(line) + textElement(at, bottom + 16, text, { "text-anchor": "middle" });
  });
  const yTicks = ticksOf(y).map(({ place, text }) => {
    const at = bottom - place * height;
    const line = { x1: left - 4, y1: at, x2: left + width, y2: at };
    return grid(line) + textElement(left - 8, at + 4, text, { "text-anchor": "end" });
  });
  const middle = top + height / 2;
  return [
    ...xTicks,
    ...yTicks,
    textElement(left + width / 2, bottom + 38, labels.x, { "text-anchor": "middle" }),
    textElement(14, middle, labels.y, {
      "text-anchor": "middle",
      transform: `rotate(-90 14 ${middle})`,
    }),
  ];
}

function grid(line: Readonly<{ x1: number; y1: number; x2: number; y2: number }>): string {
  return element("line", { ...line, stroke: "currentColor", "stroke-opacity": 0.2 });
}

function ticksOf({ range, names }: ChartAxis) {
  if (names !== null) {
    const step = Math.ceil(names.length / 12);
    return names.flatMap((text, i) => (i % step === 0 ? [{ place: scale(i, range), text }] : []));
  }
  return Array.from({ length: TICKS + 1 }, (_, i) => {
    const place = i / TICKS;
    const value = range.low * (1 - place) + range.high * place;
    return { place, text: String(Number(value.toPrecision(3))) };
  });
}
