import { escapeHtml, htmlFigures, htmlPage, htmlTable } from "../core/html-page.ts";
import { histogramPicture, shareBar, valueBars } from "../core/report-pictures.ts";
import type { ColumnProfile, Profile } from "./profile.ts";

/** A profile as a page: what stands out first, then a card for each column. */
export function toProfileHtml(profile: Profile, name: string): string {
  const { row_count: rows, columns, sample } = profile;
  const cells = rows * columns.length;
  const missing = columns.reduce((sum, column) => sum + column.missing, 0);
  const warnings = [...columns.flatMap((column) => column.warnings), ...profile.warnings];
  const said = warnings.map(({ message }) => `<li>${escapeHtml(message)}</li>`).join("\n");
  const how = sample.exact
    ? "Every row counts."
    : `Quantiles, histograms, frequent values and correlations are from ${sample.rows} rows: a quantile's rank errs by at most ${percent(sample.rank_error)}, in 99 of 100 cases.`;
  return htmlPage(
    `Profile of ${name}`,
    `<h1>Profile of ${escapeHtml(name)}</h1>`,
    htmlFigures([
      ["rows", String(rows)],
      ["columns", String(columns.length)],
      ["missing cells", cells === 0 ? "0" : percent(missing / cells)],
    ]),
    `<p class="soft">${escapeHtml(how)}</p>`,
    "<h2>Look at</h2>",
    warnings.length === 0 ? "<p>Nothing stands out.</p>" : `<ul>${said}</ul>`,
    "<h2>Columns</h2>",
    `<div class="cards">${columns.map(card).join("\n")}</div>`,
    ...correlations(profile),
  );
}

function card(column: ColumnProfile): string {
  const { name, type, missing_share: share, distinct, masked } = column;
  const facts = [
    `${type}, ${column.distinct_exact ? "" : "about "}${distinct} distinct`,
    column.mean === null
      ? ""
      : `mean ${short(column.mean)}, standard deviation ${short(column.std)}`,
    column.lengths === null
      ? ""
      : `length ${column.lengths.min} to ${column.lengths.max}, mean ${short(column.lengths.mean)}`,
    masked ? "sensitive: no value is shown" : "",
  ].filter((fact) => fact !== "");
  const quantiles =
    column.quantiles === null
      ? ""
      : htmlTable(
          ["5 %", "25 %", "50 %", "75 %", "95 %"],
          [["0.05", "0.25", "0.5", "0.75", "0.95"].map((key) => short(column.quantiles![key]!, 3))],
        );
  return `<section class="card"><h3>${escapeHtml(name)}</h3>
<p class="soft">${facts.map(escapeHtml).join("<br>")}</p>
${pictureOf(column)}
<p>${escapeHtml(percent(share))} missing</p>${shareBar(share, share > 0.2 ? "fill-warn" : "fill", `${percent(share)} of ${name} missing`)}
${quantiles}</section>`;
}

function pictureOf({ name, histogram, top, kind }: ColumnProfile): string {
  if (histogram !== null) {
    const { edges, counts } = histogram;
    const [from, to] = [short(edges[0]!), short(edges.at(-1)!)];
    return histogramPicture({ counts, from, to }, "fill", `histogram of ${name}`);
  }
  const often = top.filter(({ count }) => count > 1 || top.length <= 5).slice(0, 6);
  if (often.length === 0) return kind === "text" ? '<p class="soft">no value repeats</p>' : "";
  const bars = often.map(({ value, count }) => ({ name: value, count }));
  return valueBars(bars, "fill", `most frequent values of ${name}`);
}

function correlations({ correlations: all, correlated }: Profile): string[] {
  if (all.length === 0) return [];
  const strongest = all.toSorted((a, b) => Math.abs(b.r) - Math.abs(a.r)).slice(0, 20);
  const rows = strongest.map(({ columns: [a, b], r }) => {
    const bar = shareBar(Math.abs(r), "fill", `correlation of ${a} and ${b}`);
    return [a, b, r.toFixed(3), { html: bar }];
  });
  const { columns, of } = correlated;
  const among =
    columns === of ? [] : [`<p>Among the first ${columns} of ${of} number columns.</p>`];
  return [
    "<h2>Strongest correlations</h2>",
    ...among,
    htmlTable(["column", "with", "r", ""], rows, ["r"]),
  ];
}

function percent(share: number): string {
  return `${Number((share * 100).toPrecision(3))} %`;
}

function short(value: string | number | bigint | null, digits = 5): string {
  if (value === null) return "";
  // a whole number keeps its digits
  if (typeof value !== "number" || Number.isInteger(value)) return String(value);
  return String(Number(value.toPrecision(digits)));
}
