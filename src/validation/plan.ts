import { type RelationColumn, ROW_NUMBER } from "../table/relation.ts";
import { id, type Sql } from "../table/sql.ts";
import type { Contract } from "./contract.ts";
import { emptyColumn } from "./contract.ts";
import { parseDtype } from "./dtype.ts";
import {
  mergeFrameCoercions,
  planCoercion,
  planField,
  planFrameCheck,
  toKey,
} from "./plan-checks.ts";
import { type ColumnPlan, planColumns } from "./plan-columns.ts";
import type { PatternTask, PlanColumn, PlannedCheck, ValidationPlan } from "./plan-types.ts";

export type PlanOptions = Readonly<{
  /** Columns whose coercion is known to fail: their checks see the values as they were. */
  failedCoercions?: ReadonlySet<string>;
  /** Begins the names of the tables that the plan asks for. */
  tablePrefix?: string;
}>;

/**
 * Decides everything about a validation that the contract and the columns' types decide: which checks
 * there are, in Pandera's order, and the SQL of each over one row. No data is read.
 */
export function planValidation(
  contract: Contract,
  data: readonly RelationColumn[],
  options: PlanOptions = {},
): ValidationPlan {
  const { failedCoercions = new Set<string>(), tablePrefix = "pattern" } = options;
  const patterns: PatternTask[] = [];
  const addPattern = (value: Sql, pattern: RegExp): string => {
    const known = patterns.find(
      (p) => p.value.text === value.text && String(p.pattern) === String(pattern),
    );
    if (known !== undefined) return known.table;
    const table = `${tablePrefix}_${patterns.length}`;
    patterns.push({ value, pattern, table });
    return table;
  };
  const columns = planColumns(contract, data, failedCoercions);
  const byName = new Map(columns.frame.map((column) => [column.name, column]));
  const checks: PlannedCheck[] = [
    ...columns.checks,
    ...mergeFrameCoercions(
      columns.frame.flatMap((column) =>
        planCoercion(contract, column, isDropped(contract, columns, column)),
      ),
    ),
    ...jointUniqueness(
      contract,
      columns.kept.map((name) => byName.get(name)!),
    ),
    ...fieldsOf(contract, columns).flatMap(({ name, contract: field }) =>
      planField(contract, field, byName.get(name)!, "Column", addPattern),
    ),
    ...planIndex(contract, addPattern),
    ...contract.checks.map((check, i) =>
      planFrameCheck(
        contract,
        check,
        i,
        columns.kept.map((name) => byName.get(name)!),
        addPattern,
      ),
    ),
  ];
  const converting = columns.frame.filter((column) => column.coercion !== null);
  return {
    patterns,
    checks,
    output: columns.kept.map((name) => ({ name, value: byName.get(name)!.output })),
    coerced: new Map(converting.map((column) => [column.name, column.coercion!.fails])),
  };
}

/** With a frame dtype and no columns, every column of the data is checked for it. */
function fieldsOf(contract: Contract, columns: ColumnPlan): ColumnPlan["matches"] {
  if (contract.columns.length > 0 || contract.dtype === null) return columns.matches;
  return columns.frame.map(({ name }) => ({ name, contract: emptyColumn(name) }));
}

export function isDropped(contract: Contract, columns: ColumnPlan, column: PlanColumn): boolean {
  if (contract.dropInvalidRows) return true;
  return columns.matches.some(
    (match) => match.name === column.name && match.contract.dropInvalidRows,
  );
}

/** Only the sets up to the first broken one count; which that is, the data says. */
function jointUniqueness(contract: Contract, frame: readonly PlanColumn[]): PlannedCheck[] {
  const byName = new Map(frame.map((column) => [column.name, column]));
  return (contract.unique ?? []).flatMap((names): PlannedCheck[] => {
    const found = names.flatMap((name) => byName.get(name) ?? []);
    if (found.length === 0) return [];
    return [
      {
        context: "DataFrameSchema",
        column: null,
        check: "multiple_fields_uniqueness",
        checkNumber: null,
        reason: "DUPLICATES",
        severity: "error",
        mostly: null,
        limit: null,
        drops: contract.dropInvalidRows,
        test: { kind: "duplicates", keys: found.map(toKey), keep: contract.reportDuplicates },
      },
    ];
  });
}

/** A table's index is the number of its row: int64, without a name, one level. */
function planIndex(
  contract: Contract,
  addPattern: (value: Sql, pattern: RegExp) => string,
): PlannedCheck[] {
  if (contract.index === null) return [];
  const [level] = contract.index;
  if (contract.index.length > 1 || level === undefined) {
    return [
      {
        context: "MultiIndex",
        column: null,
        check: null,
        checkNumber: null,
        reason: "MISMATCH_INDEX",
        severity: "error",
        mostly: null,
        limit: null,
        drops: false,
        test: { kind: "decided", cases: [null] },
      },
    ];
  }
  const isCoerced = (level.coerce || contract.coerce) && level.dtype !== null;
  const column: PlanColumn = {
    name: level.name ?? "index",
    dtype: isCoerced ? parseDtype(level.dtype!)! : parseDtype("int64")!,
    value: id(ROW_NUMBER),
    output: id(ROW_NUMBER),
    coercion: null,
    isSensitive: false,
  };
  return planField(contract, level, column, "Index", addPattern);
}
