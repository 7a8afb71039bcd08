import { element, textElement } from "../../../core/svg.ts";
import { chartPicture, labelText } from "./chart-picture.ts";
import type { Plot } from "./plots.ts";

const [CELL, LEFT, TOP] = [44, 110, 64];

/** How often each class of x met each of y, one matrix a revision; or the shares of each row. */
export function drawMatrices(plot: Plot): string {
  const isShare = plot.templateName === "confusion_normalized";
  const xs = classesOf(plot, plot.x);
  const ys = classesOf(plot, plot.y);
  const width = LEFT + xs.length * CELL + 30;
  const matrices = plot.revisions.map((revision, place) =>
    element(
      "g",
      { transform: `translate(${place * width} 0)` },
      textElement(LEFT + (xs.length * CELL) / 2, TOP - 24, revision, { "text-anchor": "middle" }),
      ...drawMatrix(plot, revision, xs, ys, isShare),
    ),
  );
  const height = TOP + ys.length * CELL + 40;
  return chartPicture(plot, Math.max(240, width * plot.revisions.length), height, matrices);
}

function drawMatrix(
  plot: Plot,
  revision: string,
  xs: readonly string[],
  ys: readonly string[],
  isShare: boolean,
): readonly string[] {
  const counts = new Map<string, number>();
  for (const point of plot.points) {
    if (point.get("rev") !== revision) continue;
    const key = JSON.stringify([labelText(point.get(plot.x)), labelText(point.get(plot.y))]);
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const countOf = (x: string, y: string) => counts.get(JSON.stringify([x, y])) ?? 0;
  const most = [...counts.values()].reduce((a, b) => Math.max(a, b), 1);
  const cells = ys.flatMap((y, row) => {
    const sum = xs.reduce((total, x) => total + countOf(x, y), 0) || 1;
    return xs.map((x, column) => {
      const count = countOf(x, y);
      const share = isShare ? count / sum : count / most;
      const [left, top] = [LEFT + column * CELL, TOP + row * CELL];
      const box = { x: left, y: top, width: CELL - 1, height: CELL - 1, fill: "#4c78a8" };
      const text = isShare ? share.toFixed(2) : String(count);
      return (
        element("rect", { ...box, "fill-opacity": 0.08 + 0.82 * share }) +
        textElement(left + CELL / 2, top + CELL / 2 + 4, text, { "text-anchor": "middle" })
      );
    });
  });
  const rows = ys.map((y, i) =>
    textElement(LEFT - 8, TOP + i * CELL + CELL / 2 + 4, y, { "text-anchor": "end" }),
  );
  const columns = xs.map((x, i) =>
    textElement(LEFT + i * CELL + CELL / 2, TOP - 6, x, { "text-anchor": "middle" }),
  );
  const labels = `${labelText(plot.xLabel)} →, ${labelText(plot.yLabel)} ↓`;
  return [...cells, ...rows, ...columns, textElement(LEFT, TOP + ys.length * CELL + 20, labels)];
}

function classesOf(plot: Plot, field: string): readonly string[] {
  return [...new Set(plot.points.map((point) => labelText(point.get(field))))].sort();
}
