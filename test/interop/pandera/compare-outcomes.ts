import type { FailureCase, ValidationReport } from "../../../src/validation/report.ts";

/** What Pandera says of a contract and a table (validate.py). */
export type PanderaOutcome =
  | Readonly<{ unreadable: string }>
  | Readonly<{ crashed: string }>
  | PanderaReport;

export type PanderaReport = Readonly<{
  valid: boolean;
  failure_cases: readonly PanderaCase[];
  error_counts: Readonly<Record<string, number>>;
  output?: Readonly<{ columns: readonly string[]; rows: readonly (readonly unknown[])[] }>;
}>;

export type PanderaCase = Readonly<Omit<FailureCase, "severity" | "failure_case">> &
  Readonly<{ failure_case: unknown }>;

export function isReport(outcome: PanderaOutcome): outcome is PanderaReport {
  return "valid" in outcome;
}

/** Both sides in one form, sorted: they are equal where the reports agree. */
export function comparable(theirs: PanderaReport, ours: ValidationReport) {
  const cases = collapseDtypes(theirs.failure_cases, ours.failures);
  return {
    theirs: { valid: theirs.valid, cases: cases.map(line).sort(), counts: theirs.error_counts },
    ours: {
      valid: ours.valid,
      cases: ours.failures.map(line).sort(),
      counts: ours.counts.by_reason,
    },
  };
}

/** A wrong dtype is one case here, unless the column is text; Pandera lists values where some do not convert. */
function collapseDtypes(
  theirs: readonly PanderaCase[],
  ours: readonly PanderaCase[],
): readonly PanderaCase[] {
  const key = (each: PanderaCase) => `${each.column} ${named(each.check)}`;
  const isDtype = (each: PanderaCase) => each.check?.startsWith("dtype(") === true;
  const whole = ours.filter((each) => isDtype(each) && each.index === null);
  const byKey = new Map(
    whole.filter((each) => each.failure_case !== "str").map((each) => [key(each), each]),
  );
  const seen = new Set<string>();
  return theirs.flatMap((each) => {
    const own = isDtype(each) && each.index !== null ? byKey.get(key(each)) : undefined;
    if (own === undefined) return [each];
    const isFirst = !seen.has(key(each));
    seen.add(key(each));
    return isFirst ? [own] : [];
  });
}

function named(check: string | null): string | null {
  return (
    check?.replace("string[pyarrow]", "str").replace("dtype('string')", "dtype('str')") ?? null
  );
}

function line(each: PanderaCase): string {
  const { schema_context, column, check, check_number, failure_case, index } = each;
  const isFrame = schema_context === "DataFrameSchema";
  const inFrame = isFrame && column === "failure_case" ? null : column;
  // which column of a frame cannot be compared, pandas finds by its layout in memory
  const isRefused = isFrame && String(failure_case).startsWith("TypeError");
  const value = isRefused ? "TypeError" : plain(failure_case);
  return JSON.stringify([schema_context, inFrame, named(check), check_number, value, index]);
}

/** pandas puts all values of a report into one column, where booleans may become numbers. */
function plain(value: unknown): unknown {
  if (typeof value === "boolean" || typeof value === "bigint") return Number(value);
  if (typeof value !== "object" || value === null) return value;
  const cells = Object.entries(value).map(([name, cell]) => [name, plain(cell)] as const);
  return Object.fromEntries(cells.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** A value of the data as validate.py has it. */
export function plainCell(value: unknown): unknown {
  if (value instanceof Date) return value.toISOString().slice(0, 19);
  if (typeof value === "bigint") return Number(value);
  if (typeof value === "number" && !Number.isFinite(value)) {
    if (Number.isNaN(value)) return null;
    return value > 0 ? "Infinity" : "-Infinity";
  }
  return typeof value === "string" && value.endsWith(".000Z") ? value.slice(0, 19) : value;
}
