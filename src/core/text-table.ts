/**
 * An aligned table for a terminal; columns whose every value is a number are aligned right.
 *
 *     toTable(["model", "auc"], [["alzheimer@1", "0.951"]])
 *     // model        auc
 *     // alzheimer@1  0.951
 */
export function toTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = header.map((title, i) =>
    Math.max(title.length, ...rows.map((row) => (row[i] ?? "").length)),
  );
  const numeric = header.map((_, i) => rows.length > 0 && rows.every((row) => isNumber(row[i])));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, i) => (numeric[i] === true ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!)))
      .join("  ")
      .trimEnd();
  return [line(header), ...rows.map(line)].join("\n");
}

function isNumber(cell: string | undefined): boolean {
  return cell !== undefined && /^[-+]?[\d,. ]*\d[\d.]*(e[-+]?\d+)?( ?%)?$/i.test(cell);
}
