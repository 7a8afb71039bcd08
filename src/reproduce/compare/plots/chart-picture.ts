import { element, escapeXml, textElement } from "../../../core/svg.ts";
import { pythonStr } from "../../values/python-text.ts";
import type { Value } from "../../values/value.ts";
import { COLORS } from "./fill-template.ts";
import type { Plot } from "./plots.ts";

export function colorOf({ revisions }: Plot, revision: string): string {
  return COLORS[Math.max(0, revisions.indexOf(revision)) % COLORS.length]!;
}

export function labelText(value: Value | undefined): string {
  return value === null || value === undefined ? "" : pythonStr(value);
}

export function chartPicture(
  plot: Plot,
  width: number,
  height: number,
  shapes: readonly string[],
): string {
  const title = labelText(plot.title);
  return element(
    "svg",
    {
      xmlns: "http://www.w3.org/2000/svg",
      viewBox: `0 0 ${width} ${height}`,
      width,
      height,
      role: "img",
      "font-family": "system-ui, sans-serif",
      "font-size": 11,
    },
    element("title", {}, escapeXml(title)),
    textElement(width / 2, 20, title, { "text-anchor": "middle", "font-weight": 600 }),
    ...shapes,
  );
}
