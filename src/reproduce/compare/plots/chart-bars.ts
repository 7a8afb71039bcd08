import { element, textElement } from "../../../core/svg.ts";
import { numberOf } from "./chart-frame.ts";
import { chartPicture, colorOf, labelText } from "./chart-picture.ts";
import type { Plot } from "./plots.ts";

const [LEFT, WIDTH, BAR] = [170, 380, 14];

/** One bar for each name and revision, to the right of nothing; sorted by length where asked. */
export function drawBars(plot: Plot): string {
  const longest = new Map<string, number>();
  for (const point of plot.points) {
    const name = labelText(point.get(plot.y));
    longest.set(
      name,
      Math.max(longest.get(name) ?? Number.NEGATIVE_INFINITY, lengthOf(plot, point)),
    );
  }
  const names = [...longest.keys()];
  if (plot.templateName === "bar_horizontal_sorted") {
    names.sort((a, b) => longest.get(b)! - longest.get(a)!);
  }
  const most = [...longest.values()].reduce((a, b) => Math.max(a, b), 0) || 1;
  const row = plot.revisions.length * BAR + 8;
  const bars = plot.points.map((point) => {
    const revision = String(point.get("rev"));
    const place = names.indexOf(labelText(point.get(plot.y)));
    const y = 40 + place * row + plot.revisions.indexOf(revision) * BAR;
    const length = lengthOf(plot, point);
    const width = Math.max(0, (length / most) * WIDTH);
    const bar = { x: LEFT, y, width, height: BAR - 2, fill: colorOf(plot, revision) };
    return element("rect", bar) + textElement(LEFT + width + 6, y + 10, `${length} ${revision}`);
  });
  const labels = names.map((name, i) =>
    textElement(LEFT - 8, 40 + i * row + row / 2, name, { "text-anchor": "end" }),
  );
  const height = 40 + names.length * row + 30;
  const label = textElement(LEFT + WIDTH / 2, height - 10, labelText(plot.xLabel), {
    "text-anchor": "middle",
  });
  return chartPicture(plot, LEFT + WIDTH + 190, height, [...labels, ...bars, label]);
}

function lengthOf(plot: Plot, point: Plot["points"][number]): number {
  const length = numberOf(point.get(plot.x));
  return Number.isFinite(length) ? length : 0;
}
