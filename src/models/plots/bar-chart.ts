import { element, svgDocument, textElement } from "../../core/svg.ts";
import { linearScale } from "./axis.ts";
import { COLOURS } from "./line-chart.ts";

export type Bar = Readonly<{ name: string; value: number }>;

const ROW = 22;
const LEFT = 190;
const RIGHT = 500;

/** Horizontal bars with their values, in the order given. */
export function barChart(title: string, description: string, bars: readonly Bar[]): string {
  const most = Math.max(0, ...bars.map(({ value }) => value));
  const toX = linearScale({ from: 0, to: most || 1 }, { from: LEFT, to: RIGHT });
  const rows = bars.map(({ name, value }, i) => {
    const y = 48 + i * ROW;
    return (
      textElement(LEFT - 8, y + 13, shorten(name), { "text-anchor": "end" }) +
      element("rect", {
        x: LEFT,
        y,
        width: Math.max(0, toX(value) - LEFT),
        height: ROW - 6,
        fill: COLOURS[0],
      }) +
      textElement(Math.max(LEFT, toX(value)) + 6, y + 13, String(Number(value.toPrecision(3))))
    );
  });
  return svgDocument({ width: 560, height: 64 + bars.length * ROW, title, description }, ...rows);
}

function shorten(name: string): string {
  const characters = [...name];
  return characters.length <= 26 ? name : `${characters.slice(0, 25).join("")}…`;
}
