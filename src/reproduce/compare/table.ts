/**
 * Tables as DVC prints them: plain columns two spaces apart, or Markdown. Cells stand to the left; a
 * column is two characters wider than its title, or as wide as its widest cell.
 */
export type Table = Readonly<{
  header: readonly string[];
  rows: readonly (readonly string[])[];
}>;

const MIN_PADDING = 2;

/** The text ends in a line break; in Markdown in an empty line. Without rows a plain table is nothing. */
export function tableText(table: Table, isMarkdown: boolean): string {
  if (table.rows.length === 0 && !isMarkdown) return "";
  const header = table.header.map((cell) => cell.trim());
  const rows = table.rows.map((row) => row.map((cell) => cell.trim()));
  const widths = header.map((title, i) =>
    rows.reduce((most, row) => Math.max(most, textWidth(row[i]!)), textWidth(title) + MIN_PADDING),
  );
  const pad = (row: readonly string[]) =>
    row.map((cell, i) => cell + " ".repeat(widths[i]! - textWidth(cell)));
  if (!isMarkdown) {
    return [header, ...rows].map((row) => `${pad(row).join("  ").trimEnd()}\n`).join("");
  }
  const line = (row: readonly string[]) => `| ${pad(row).join(" | ")} |\n`;
  const rule = `|${widths.map((width) => "-".repeat(width + 2)).join("|")}|\n`;
  return `${line(header)}${rule}${rows.map(line).join("")}\n`;
}

const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;

/** Columns on a terminal: most characters of East Asia take two, combining marks none. */
function textWidth(text: string): number {
  let width = 0;
  for (const character of text) {
    if (!/\p{M}/u.test(character)) width += WIDE.test(character) ? 2 : 1;
  }
  return width;
}
