import { escapeXml } from "./svg.ts";

/** Text as HTML shows it. */
export const escapeHtml = escapeXml;

/**
 * A page in one file: its styles are in it, nothing is fetched and nothing runs, which its own policy
 * tells the browser too. It follows the reader's choice of light or dark.
 */
export function htmlPage(title: string, ...body: readonly string[]): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<title>${escapeHtml(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
${body.join("\n")}
</main>
</body>
</html>
`;
}

export type Cell = string | Readonly<{ html: string }>;

/** A table; text is escaped, `{ html }` is HTML already. Columns named in `numbers` stand to the right. */
export function htmlTable(
  head: readonly string[],
  rows: readonly (readonly Cell[])[],
  numbers: readonly string[] = [],
): string {
  const kind = (i: number) => (numbers.includes(head[i]!) ? ' class="number"' : "");
  const cells = (row: readonly Cell[], tag: "th" | "td") =>
    row
      .map((cell, i) => {
        const content = typeof cell === "string" ? escapeHtml(cell) : cell.html;
        return `<${tag}${kind(i)}>${content}</${tag}>`;
      })
      .join("");
  const lines = rows.map((row) => `<tr>${cells(row, "td")}</tr>`);
  return `<div class="wide"><table><thead><tr>${cells(head, "th")}</tr></thead><tbody>
${lines.join("\n")}
</tbody></table></div>`;
}

/** Figures with their names, in a row. */
export function htmlFigures(figures: readonly (readonly [name: string, value: string])[]): string {
  const items = figures.map(
    ([name, value]) => `<div><dt>${escapeHtml(name)}</dt><dd>${escapeHtml(value)}</dd></div>`,
  );
  return `<dl class="figures">${items.join("")}</dl>`;
}

const STYLE = `
:root { color-scheme: light dark; --text: #1c2024; --soft: #60646c; --line: #d9dce1; --page: #ffffff;
  --panel: #f5f6f8; --blue: #0072b2; --red: #c43d00; --green: #00794f; --amber: #8a5a00; }
@media (prefers-color-scheme: dark) {
  :root { --text: #e8eaed; --soft: #a2a8b0; --line: #3a3f46; --page: #15181c; --panel: #1e2227;
    --blue: #56b4e9; --red: #ff8a5c; --green: #3ecf9a; --amber: #f0b429; }
}
body { margin: 0; background: var(--page); color: var(--text); font: 15px/1.5 system-ui, sans-serif; }
main { max-width: 70rem; margin: 0 auto; padding: 2rem 1.25rem 4rem; }
h1 { font-size: 1.6rem; margin: 0 0 .5rem; } h2 { font-size: 1.2rem; margin: 2.5rem 0 .75rem; }
h3 { font-size: 1rem; margin: 0 0 .5rem; overflow-wrap: anywhere; }
p { margin: .25rem 0; } .soft { color: var(--soft); }
.verdict { display: inline-block; padding: .1rem .7rem; border-radius: 1rem; border: 2px solid;
  font-weight: 600; margin-left: .5rem; font-size: 1rem; vertical-align: middle; }
.good { color: var(--green); } .bad { color: var(--red); } .warn { color: var(--amber); }
.figures { display: flex; flex-wrap: wrap; gap: .75rem 2.5rem; margin: 1rem 0; }
.figures dt { color: var(--soft); font-size: .85rem; } .figures dd { margin: 0; font-size: 1.3rem; }
.wide { overflow-x: auto; } table { border-collapse: collapse; width: 100%; font-size: .9rem; }
th { text-align: left; color: var(--soft); font-weight: 500; }
th, td { padding: .3rem .75rem .3rem 0; border-bottom: 1px solid var(--line); vertical-align: middle;
  overflow-wrap: anywhere; max-width: 28rem; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(20rem, 1fr)); gap: 1rem; }
.card { background: var(--panel); border-radius: .5rem; padding: 1rem; min-width: 0; }
svg { display: block; max-width: 100%; height: auto; } svg text { fill: var(--text); font: 11px system-ui, sans-serif; }
.track { fill: var(--line); } .fill { fill: var(--blue); } .fill-bad { fill: var(--red); }
.fill-warn { fill: var(--amber); } svg text.soft { fill: var(--soft); }
ul { padding-left: 1.2rem; margin: .5rem 0; }
`;
