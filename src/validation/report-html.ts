import { escapeHtml, htmlFigures, htmlPage, htmlTable } from "../core/html-page.ts";
import { binNumbers, histogramPicture, shareBar, valueBars } from "../core/report-pictures.ts";
import type { CheckResult, FailureCase, Shown, ValidationReport } from "./report.ts";

/** A report and the number of missing values of each column of its data. */
export type ReportWithData = Readonly<{
  report: ValidationReport;
  columns: readonly Readonly<{ name: string; missing: number }>[];
}>;

const SAMPLED = 20;

/** Reports as one page: the verdict, a bar for each check, what fails in each column, sampled cases. */
export function toReportHtml(reports: readonly ReportWithData[]): string {
  const names = reports.map(({ report }) => nameOf(report)).join(", ");
  return htmlPage(`Data contract: ${names}`, ...reports.flatMap(sections));
}

function nameOf(report: ValidationReport): string {
  return report.schema ?? "data";
}

function sections({ report, columns }: ReportWithData): string[] {
  const { counts, row_count: rows, checks } = report;
  const verdict = report.valid
    ? '<span class="verdict good">valid</span>'
    : '<span class="verdict bad">not valid</span>';
  const cases = [...report.failures, ...report.warnings];
  return [
    `<h1>${escapeHtml(nameOf(report))}${verdict}</h1>`,
    htmlFigures([
      ["rows", String(rows)],
      ["bad rows", `${counts.failed_rows} (${percent(share(counts.failed_rows, rows))})`],
      ["checks", String(checks.length)],
      ["failed checks", String(counts.failed_checks)],
      ...(counts.dropped_rows > 0 ? [["dropped rows", String(counts.dropped_rows)] as const] : []),
    ]),
    "<h2>Checks</h2>",
    checkTable(checks),
    "<h2>Columns</h2>",
    ...columnCards(columns, rows, cases),
    ...sampled(cases),
  ];
}

function checkTable(checks: readonly CheckResult[]): string {
  const rows = checks.map((check) => {
    const failed = share(check.failed, check.checked);
    const isFailed = check.status === "failed";
    const tone = isFailed && check.severity === "error" ? "fill-bad" : "fill-warn";
    const state = isFailed ? (check.severity === "error" ? "bad" : "warn") : "good";
    const word = isFailed && check.severity === "warning" ? "warning" : check.status;
    return [
      check.column ?? "",
      check.check ?? "index",
      { html: `<span class="${state}">${word}</span>` },
      String(check.failed),
      String(check.checked),
      percent(failed),
      { html: shareBar(failed, tone, `${percent(failed)} failed`) },
    ];
  });
  const head = ["column", "check", "verdict", "failed", "checked", "share", ""];
  return htmlTable(head, rows, ["failed", "checked", "share"]);
}

/** Columns with something missing or failing; the rest only in number. */
function columnCards(
  columns: ReportWithData["columns"],
  rows: number,
  cases: readonly FailureCase[],
): string[] {
  const shown = columns.filter(
    ({ name, missing }) => missing > 0 || cases.some((each) => valuesOf(each, name).length > 0),
  );
  const rest = columns.length - shown.length;
  const cards = shown.map((column) => columnCard(column, rows, cases));
  return [
    ...(shown.length === 0 ? [] : [`<div class="cards">${cards.join("\n")}</div>`]),
    `<p class="soft">${rest} of ${columns.length} columns have no missing and no failing value.</p>`,
  ];
}

function columnCard(
  { name, missing }: ReportWithData["columns"][number],
  rows: number,
  cases: readonly FailureCase[],
): string {
  const lost = share(missing, rows);
  const failing = cases.flatMap((each) => valuesOf(each, name));
  return `<section class="card"><h3>${escapeHtml(name)}</h3>
<p>${escapeHtml(`${missing} missing (${percent(lost)})`)}</p>${shareBar(lost, "fill-warn", `${percent(lost)} of ${name} missing`, 280)}
${failing.length === 0 ? '<p class="soft">no failing value</p>' : failingValues(name, failing)}</section>`;
}

/** The values of a column in a case; a case of the frame has a value for each column that broke it. */
function valuesOf({ column, failure_case: found, index }: FailureCase, name: string): Shown[] {
  if (index === null) return [];
  if (column === name) return found === null ? [] : [found];
  if (column !== null || found === null || typeof found !== "object") return [];
  return Object.hasOwn(found, name) ? [found[name]!] : [];
}

function failingValues(name: string, values: readonly Shown[]): string {
  const numbers = values.filter((value) => typeof value === "number" || typeof value === "bigint");
  const title = `<p class="soft">${values.length} failing value${values.length === 1 ? "" : "s"} listed</p>`;
  const bins = numbers.length === values.length ? binNumbers(numbers.map(Number)) : null;
  if (bins !== null && new Set(numbers).size > 6) {
    return title + histogramPicture(bins, "fill-bad", `failing values of ${name}`);
  }
  const counts = new Map<string, number>();
  for (const value of values) counts.set(text(value), (counts.get(text(value)) ?? 0) + 1);
  const most = [...counts]
    .map(([value, count]) => ({ name: value, count }))
    .sort((a, b) => b.count - a.count)
    .slice(0, 6);
  return title + valueBars(most, "fill-bad", `failing values of ${name}`);
}

function sampled(cases: readonly FailureCase[]): string[] {
  if (cases.length === 0) return [];
  const taken = new Map<string, number>();
  const rows = cases.flatMap((each) => {
    const key = JSON.stringify([each.schema_context, each.column, each.check, each.check_number]);
    const count = (taken.get(key) ?? 0) + 1;
    taken.set(key, count);
    if (count > SAMPLED) return [];
    const row = each.index === null ? "" : String(each.index);
    return [[each.column ?? "", each.check ?? "index", row, text(each.failure_case)]];
  });
  return [
    "<h2>Cases</h2>",
    `<p class="soft">${rows.length} of ${cases.length} listed cases, the first ${SAMPLED} of each check</p>`,
    htmlTable(["column", "check", "row", "value"], rows, ["row"]),
  ];
}

function share(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}

function percent(part: number): string {
  return `${Number((part * 100).toPrecision(3))} %`;
}

function text(value: Shown): string {
  if (value === null) return "null";
  if (typeof value !== "object") return String(value);
  return Object.entries(value)
    .map(([column, cell]) => `${column} = ${text(cell)}`)
    .join(", ");
}
