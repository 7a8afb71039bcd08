import { element, svgDocument, textElement } from "../../core/svg.ts";

const CELL = 90;
const LEFT = 130;
const TOP = 84;

/** Counts of actual (rows) against predicted (columns) classes, shaded by their share of the row. */
export function confusionChart(
  title: string,
  classes: readonly string[],
  counts: readonly (readonly number[])[],
): string {
  const size = classes.length * CELL;
  const cells = counts.flatMap((row, i) => {
    const total = row.reduce((sum, count) => sum + count, 0) || 1;
    return row.map((count, j) => {
      const share = count / total;
      const [x, y] = [LEFT + j * CELL, TOP + i * CELL];
      return (
        element("rect", {
          ...{ x, y, width: CELL, height: CELL, stroke: "#ffffff" },
          ...{ fill: "#0072b2", "fill-opacity": 0.06 + 0.94 * share },
        }) +
        textElement(x + CELL / 2, y + CELL / 2 + 5, String(count), {
          ...{
            "text-anchor": "middle",
            "font-size": 14,
            fill: share > 0.55 ? "#ffffff" : "#222222",
          },
        })
      );
    });
  });
  const names = classes.flatMap((name, i) => [
    textElement(LEFT - 8, TOP + i * CELL + CELL / 2 + 4, name, { "text-anchor": "end" }),
    textElement(LEFT + i * CELL + CELL / 2, TOP - 8, name, { "text-anchor": "middle" }),
  ]);
  return svgDocument(
    {
      width: LEFT + Math.max(size, 200) + 20,
      height: TOP + size + 20,
      title,
      description: describeCounts(classes, counts),
    },
    textElement(LEFT + size / 2, TOP - 28, "predicted", { "text-anchor": "middle" }),
    textElement(0, 0, "actual", {
      "text-anchor": "middle",
      transform: `translate(16 ${TOP + size / 2}) rotate(-90)`,
    }),
    ...names,
    ...cells,
  );
}

function describeCounts(
  classes: readonly string[],
  counts: readonly (readonly number[])[],
): string {
  const rows = classes.map(
    (actual, i) =>
      `${actual}: ${classes.map((predicted, j) => `${counts[i]?.[j] ?? 0} predicted ${predicted}`).join(", ")}`,
  );
  return `Rows of the test split by actual class. ${rows.join(". ")}.`;
}
