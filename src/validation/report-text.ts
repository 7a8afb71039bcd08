import { DuetMindError } from "../core/errors.ts";
import { toTable } from "../core/text-table.ts";
import type { CheckResult, FailureCase, Shown, ValidationReport } from "./report.ts";

const EXAMPLES = 3;

/** A report for a terminal: one line a broken check, with its column, count and first values. */
export function toReportText(report: ValidationReport): string {
  const name = report.schema ?? "data";
  const rows = `${report.row_count} row${report.row_count === 1 ? "" : "s"}`;
  const { counts } = report;
  const parts: string[] = [];
  if (report.valid) parts.push(`${name}: valid, ${rows}, ${report.checks.length} checks passed`);
  else {
    const broken = `${counts.failed_checks} of ${report.checks.length} checks failed`;
    parts.push(`${name}: not valid, ${broken}, ${counts.failed_rows} of ${rows} are bad`);
    parts.push(table(report, report.failures, "failure"));
  }
  if (counts.dropped_rows > 0)
    parts.push(`${counts.dropped_rows} bad rows are dropped, as the contract says`);
  if (report.warnings.length > 0) {
    parts.push(`warnings (they leave the data valid):`, table(report, report.warnings, "warning"));
  }
  return parts.join("\n");
}

/** The violation as an error, for stages that stop on it: exit 1, nothing published. */
export function violationError(report: ValidationReport, subject: string): DuetMindError {
  const broken = summaries(report, report.failures, "failure");
  const shown = broken.slice(0, 5).map(([column, check, failed, examples]) => {
    const of = column === "" ? check : `${column} ${check}`;
    return `${of} failed ${failed} ${failed === "1" ? "time" : "times"}${examples === "" ? "" : ` (${examples})`}`;
  });
  const more =
    broken.length > shown.length ? `, and ${broken.length - shown.length} more checks` : "";
  return new DuetMindError(
    "CONTRACT_VIOLATED",
    `${subject}: expected data that keeps its contract, got ${shown.join("; ")}${more}`,
    { hint: "see every bad row with: duetmind validate --quarantine FILE" },
  );
}

type Kind = "failure" | "warning";

function table(report: ValidationReport, cases: readonly FailureCase[], kind: Kind): string {
  return toTable(["column", "check", "failed", "examples"], summaries(report, cases, kind));
}

function summaries(
  report: ValidationReport,
  cases: readonly FailureCase[],
  kind: Kind,
): string[][] {
  return groupCases(cases).map((group) => {
    const [first] = group as [FailureCase];
    const result = report.checks.find((check) => isOf(check, first));
    const failed =
      kind === "failure" || result !== undefined ? (result?.failed ?? group.length) : 0;
    return [first.column ?? "", first.check ?? "index", String(failed), examplesOf(group)];
  });
}

/** Cases of one check, in the order of the report. A joint check names several columns. */
function groupCases(cases: readonly FailureCase[]): FailureCase[][] {
  const groups = new Map<string, FailureCase[]>();
  for (const each of cases) {
    const place = each.check === "multiple_fields_uniqueness" ? "" : each.column;
    const value =
      each.schema_context === "DataFrameSchema" && each.index === null ? each.failure_case : "";
    const key = JSON.stringify([
      each.schema_context,
      place,
      each.check,
      each.check_number,
      String(value),
    ]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [each]);
    else group.push(each);
  }
  return [...groups.values()];
}

function isOf(
  check: CheckResult,
  { schema_context, column, check: id, check_number }: FailureCase,
) {
  if (check.check !== id || check.check_number !== check_number) return false;
  if (check.schema_context !== schema_context) return false;
  return check.column === column || check.check === "multiple_fields_uniqueness";
}

function examplesOf(group: readonly FailureCase[]): string {
  const examples = group.slice(0, EXAMPLES).map(({ failure_case, index }) => {
    const value = showValue(failure_case);
    return index === null ? value : `${value} in row ${index}`;
  });
  return group.length > EXAMPLES ? `${examples.join(", ")}, …` : examples.join(", ");
}

function showValue(value: Shown): string {
  if (value === null) return "null";
  if (typeof value !== "object") {
    const text = typeof value === "string" ? value.replace(/\p{C}/gu, "�") : String(value);
    return text.length > 40 ? `${text.slice(0, 37)}...` : text;
  }
  const cells = Object.entries(value).map(([column, cell]) => `${column}=${showValue(cell)}`);
  return `{${cells.join(", ")}}`;
}
