import { type Sql, sql } from "../table/sql.ts";
import { checkId } from "./check-catalog.ts";
import { type AddPattern, checkPredicate, listOf, memberLiterals, memberSql } from "./check-sql.ts";
import { coerceSql } from "./coerce-sql.ts";
import type { Check, Contract, ContractValue, FieldContract } from "./contract.ts";
import { type Dtype, isOfDtype, parseDtype } from "./dtype.ts";
import { askedSql, heldSql, missingSql, refusedOrMissingSql, refusedSql } from "./missing-sql.ts";
import type { Cell, Key, PlanColumn, PlannedCheck, Test } from "./plan-types.ts";
import { nullProof, valuesProof } from "./proof.ts";
import type { Reason, SchemaContext } from "./report.ts";
import { anyOf } from "./scan-sql.ts";
import { shownSql } from "./value-sql.ts";

/** The checks of one column, in Pandera's order: coercion, nulls, uniqueness, dtype, its own checks. */
export function planField(
  contract: Contract,
  field: FieldContract,
  column: PlanColumn,
  context: SchemaContext,
  addPattern: AddPattern,
): PlannedCheck[] {
  const drops = contract.dropInvalidRows || field.dropInvalidRows;
  const base = {
    context,
    column: context === "Index" ? field.name : column.name,
    checkNumber: null,
    severity: "error",
    mostly: null,
    limit: null,
    drops,
  } as const;
  const planned: PlannedCheck[] = [];
  const add = (check: string, reason: Reason, test: Test) =>
    planned.push({ ...base, check, reason, test });
  if (context === "Index" && field.name !== null) {
    add(`field_name('${field.name}')`, "WRONG_FIELD_NAME", { kind: "decided", cases: [null] });
  }
  if (!field.nullable) add("not_nullable", "SERIES_CONTAINS_NULLS", nullTest(column));
  if (field.unique && context !== "Index") {
    add("field_uniqueness", "SERIES_CONTAINS_DUPLICATES", {
      kind: "duplicates",
      keys: [toKey(column)],
      keep: field.reportDuplicates,
    });
  }
  const dtype = contract.dtype ?? field.dtype;
  if (dtype !== null) add(`dtype('${dtype}')`, "WRONG_DATATYPE", dtypeTest(column, dtype));
  const declared = field.dtype === null ? undefined : parseDtype(field.dtype);
  for (const [i, check] of field.checks.entries()) {
    const test = checkTest(check, column, addPattern, declared);
    planned.push({ ...base, ...planCheck(check, i, test, declared) });
  }
  return planned;
}

/** What coercion could not convert; reported before everything else of the column. */
export function planCoercion(
  contract: Contract,
  column: PlanColumn,
  drops: boolean,
): PlannedCheck[] {
  if (column.coercion === null) return [];
  const { column: named, from, fromDtype, to, fails } = column.coercion;
  const shown = shownSql(from, fromDtype);
  const isFrame = contract.dtype !== null;
  const base = {
    check: `coerce_dtype('${to.name}')`,
    checkNumber: null,
    reason: "DATATYPE_COERCION",
    severity: "error",
    mostly: null,
    limit: null,
    drops,
  } as const;
  if (isFrame) {
    // pandas lists no null cells: where only nulls would not convert, the check fails as a whole
    const cellFails = sql`(${from} IS NOT NULL AND ${fails})`;
    const cell = { column: column.name, fails: cellFails, shown, isSensitive: column.isSensitive };
    const test: Test = { kind: "cells", cells: [cell], isNullBroken: sql`(${fails})` };
    return [{ ...base, context: "DataFrameSchema", column: null, test }];
  }
  const test: Test = {
    kind: "rows",
    fails,
    checked: null,
    shown,
    isSensitive: column.isSensitive,
    orElse: null,
  };
  return [{ ...base, context: "Column", column: named, test }];
}

/** Several columns under one frame dtype are one check, whose cases name the columns that broke it. */
export function mergeFrameCoercions(checks: readonly PlannedCheck[]): PlannedCheck[] {
  const tests = checks.flatMap(({ test }) => (test.kind === "cells" ? [test] : []));
  if (tests.length === 0) return [...checks];
  const cells = tests.flatMap((test) => test.cells);
  const broken = tests.map((test) => test.isNullBroken).filter((each) => each !== null);
  return [{ ...checks[0]!, test: { kind: "cells", cells, isNullBroken: anyOf(broken) } }];
}

/** A check on the frame as a whole: on every cell of it. */
export function planFrameCheck(
  contract: Contract,
  check: Check,
  number: number,
  columns: readonly PlanColumn[],
  addPattern: AddPattern,
): PlannedCheck {
  const base = {
    context: "DataFrameSchema",
    column: null,
    drops: contract.dropInvalidRows,
  } as const;
  return { ...base, ...planCheck(check, number, frameTest(check, columns, addPattern)) };
}

function planCheck(check: Check, checkNumber: number, test: Test, declared?: Dtype) {
  const isError = test.kind === "decided" && typeof test.cases[0] === "string";
  // raise_warning is for values that fail: Pandera reports a check that cannot run all the same
  const warns = check.options.raiseWarning && !isError;
  const severity = warns ? "warning" : check.options.severity;
  return {
    check: checkId(check, declared),
    checkNumber,
    reason: isError ? ("CHECK_ERROR" as const) : ("DATAFRAME_CHECK" as const),
    severity,
    mostly: check.options.mostly,
    limit: check.options.nFailureCases,
    test,
  };
}

function nullTest(column: PlanColumn): Test {
  const { value, coercion } = column;
  // a value lost in coercion is reported there, one that became a null is reported here
  const fails =
    coercion === null
      ? missingSql(column)
      : sql`(${coercion.from} IS NULL OR (${value} IS NULL AND ${coercion.fails} IS NOT TRUE))`;
  return {
    kind: "rows",
    fails,
    checked: null,
    shown: sql`NULL`,
    isSensitive: false,
    orElse: null,
    proof: nullProof(column),
  };
}

function dtypeTest(column: PlanColumn, written: string): Test {
  const wanted = parseDtype(written)!;
  const { coercion } = column;
  const actual = column.dtype;
  if (isOfDtype(actual, wanted) && coercion === null) return { kind: "decided", cases: [] };
  if (coercion !== null) {
    // converted, or reported a second time as what it still is
    const orElse = isOfDtype(actual, wanted) ? null : actual.name;
    const shown = shownSql(coercion.from, coercion.fromDtype);
    return {
      kind: "rows",
      fails: coercion.fails,
      checked: null,
      shown,
      isSensitive: column.isSensitive,
      orElse,
    };
  }
  if (actual.kind !== "text" || wanted.kind === "bool" || wanted.kind === "object") {
    // text of a table without rows may have been anything
    const given = actual.kind === "text" ? { given: sql`TRUE` } : {};
    return { kind: "decided", cases: [actual.name], ...given };
  }
  const isNever = wanted.kind === "category" || wanted.kind === "timedelta";
  const fails = isNever ? sql`TRUE` : coerceSql(column.value, actual, wanted).fails;
  return {
    kind: "rows",
    fails,
    checked: null,
    shown: column.value,
    isSensitive: column.isSensitive,
    orElse: actual.name,
  };
}

function checkTest(
  check: Check,
  column: PlanColumn,
  addPattern: AddPattern,
  declared: Dtype | undefined,
): Test {
  const { value, dtype, isSensitive } = column;
  const predicate = checkPredicate(check, askedSql(column), dtype, addPattern, declared);
  if ("error" in predicate) {
    // pandas compares no text with a number while there is none
    const { ignoreNa, groupby } = check.options;
    const isAsked = dtype.kind === "text" && groupby === null;
    const given = ignoreNa ? value : sql`TRUE`;
    return { kind: "decided", cases: [predicate.error], ...(isAsked ? { given } : {}) };
  }
  if (check.name === "unique_values_eq") return valuesTest(check, column, declared);
  return {
    kind: "rows",
    fails: failsSql(check, column, predicate.passes),
    checked: check.options.ignoreNa ? { value, isMissing: missingSql(column) } : null,
    shown: shownSql(value, dtype),
    isSensitive,
    orElse: null,
    held: heldSql(column, predicate.passes),
    proof: valuesProof(check, column, (bound) =>
      checkPredicate(check, bound, dtype, addPattern, declared),
    ),
  };
}

/** A null passes when it is ignored; otherwise it breaks every check but those that ask for inequality. */
function failsSql(check: Check, column: PlanColumn, passes: Sql): Sql {
  const isTolerant =
    check.options.ignoreNa || check.name === "not_equal_to" || check.name === "notin";
  return isTolerant ? refusedSql(column, passes) : refusedOrMissingSql(column, passes);
}

function valuesTest(check: Check, column: PlanColumn, declared: Dtype | undefined): Test {
  const all = Object.values(check.statistics)[0] as readonly ContractValue[];
  const values = listOf(check, column.dtype, declared);
  const literals = memberLiterals(values, column.dtype);
  // to Python, 1, 1.0 and True are one value
  const distinct = new Set(all.map((each) => (typeof each === "string" ? each : Number(each))));
  if (literals.length < distinct.size) return { kind: "decided", cases: [false] };
  return {
    kind: "values",
    value: column.value,
    isIn: memberSql(column.value, column.dtype, values, "IN"),
    size: distinct.size,
    nullsBreak: !check.options.ignoreNa,
  };
}

function frameTest(check: Check, columns: readonly PlanColumn[], addPattern: AddPattern): Test {
  if (check.name.startsWith("str_") || check.name === "unique_values_eq") {
    const attribute = check.name === "unique_values_eq" ? "unique" : "str";
    const error = `AttributeError("'DataFrame' object has no attribute '${attribute}'")`;
    return { kind: "decided", cases: [error] };
  }
  const cells: Cell[] = [];
  let isNullBroken: Sql | null = null;
  for (const column of columns) {
    const predicate = checkPredicate(check, askedSql(column), column.dtype, addPattern);
    if ("error" in predicate) return { kind: "decided", cases: [predicate.error] };
    cells.push({
      column: column.name,
      fails: refusedSql(column, predicate.passes),
      shown: shownSql(column.value, column.dtype),
      isSensitive: column.isSensitive,
    });
    const isTolerant = check.name === "not_equal_to" || check.name === "notin";
    if (!check.options.ignoreNa && !isTolerant) {
      const isNull = missingSql(column);
      isNullBroken = isNullBroken === null ? isNull : sql`${isNullBroken} OR ${isNull}`;
    }
  }
  return { kind: "cells", cells, isNullBroken };
}

export function toKey(column: PlanColumn): Key {
  return {
    column: column.name,
    value: column.value,
    dtype: column.dtype,
    isSensitive: column.isSensitive,
  };
}
