import type { RelationColumn } from "../table/relation.ts";
import { id, type Sql, sql } from "../table/sql.ts";
import { coerceSql } from "./coerce-sql.ts";
import type { ColumnContract, Contract } from "./contract.ts";
import { type Dtype, dataDtype, isOfDtype, parseDtype } from "./dtype.ts";
import { columnMatcher } from "./match-column.ts";
import type { PlanColumn, PlannedCheck } from "./plan-types.ts";
import { pythonRepr, pythonStr } from "./python-text.ts";
import type { Reason } from "./report.ts";
import { columnSql, literalSql } from "./value-sql.ts";

/** One column of the data that a column of the contract speaks about. */
export type Match = Readonly<{ name: string; contract: ColumnContract }>;

export type ColumnPlan = Readonly<{
  /** Every column of the frame, in its order, added ones included. */
  frame: readonly PlanColumn[];
  matches: readonly Match[];
  /** What is wrong with the columns as such. */
  checks: readonly PlannedCheck[];
  /** Names that the output keeps, in order. */
  kept: readonly string[];
}>;

/** Pandera's steps before the checks: add missing columns, strict and ordered, defaults, coercion. */
export function planColumns(
  contract: Contract,
  data: readonly RelationColumn[],
  failedCoercions: ReadonlySet<string>,
): ColumnPlan {
  const names = data.map((column) => column.name);
  const present = new Set(names);
  const absent = contract.columns.filter((c) => c.required && !c.regex && !present.has(c.name));
  const added = contract.addMissingColumns ? planAdded(absent) : { columns: [], checks: [] };
  const order = insertAdded(contract, names, added.columns);
  const matches = matchColumns(contract, order);
  const strict = strictChecks(contract, names);
  const byName = groupByName(matches);
  // columns out of order keep Pandera from filtering
  const isFiltered = contract.strict === "filter" && strict.length === 0;
  const kept = isFiltered ? order.filter((name) => byName.has(name)) : order;
  const checks = [
    ...added.checks,
    ...strict,
    ...(contract.addMissingColumns ? [] : absent.map(missingColumn)),
    ...contract.columns.filter((c) => c.regex && c.required).flatMap((c) => noMatch(c, kept)),
  ];
  const given = new Map(data.map((column) => [column.name, column]));
  const coercing = contract.columns.some((column) => column.coerce);
  const frame = order.map((name) =>
    planColumn(
      { dtype: contract.dtype, all: contract.coerce, some: contract.coerce || coercing },
      name,
      given.get(name),
      byName.get(name) ?? [],
      failedCoercions.has(name),
    ),
  );
  return { frame, matches, checks, kept };
}

/** Which columns of the contract speak of which of the data, in the contract's order. */
function matchColumns(contract: Contract, names: readonly string[]): Match[] {
  const present = new Set(names);
  return contract.columns.flatMap((column) => {
    if (!column.regex)
      return present.has(column.name) ? [{ name: column.name, contract: column }] : [];
    const matches = columnMatcher(column);
    return names.filter(matches).map((name) => ({ name, contract: column }));
  });
}

function groupByName(matches: readonly Match[]): Map<string, ColumnContract[]> {
  const groups = new Map<string, ColumnContract[]>();
  for (const { name, contract } of matches) {
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [contract]);
    else group.push(contract);
  }
  return groups;
}

function planAdded(absent: readonly ColumnContract[]): {
  columns: readonly ColumnContract[];
  checks: readonly PlannedCheck[];
} {
  const impossible = absent.filter((column) => column.default === null && !column.nullable);
  const checks = impossible.map((column) =>
    frameCheck("add_missing_has_default", "ADD_MISSING_COLUMN_NO_DEFAULT", column.name),
  );
  return { columns: impossible.length === 0 ? absent : [], checks };
}

/** A column that is added goes before the first column that follows it in the contract. */
function insertAdded(
  contract: Contract,
  names: readonly string[],
  added: readonly ColumnContract[],
): string[] {
  const waiting = new Set(added.map((column) => column.name));
  if (added.length === 0) return [...names];
  const present = new Set(names);
  const queue = contract.columns
    .filter((c) => c.required || present.has(c.name))
    .map((c) => c.name);
  const passed = new Set<string>();
  const order: string[] = [];
  let next = 0;
  for (const name of names) {
    for (; next < queue.length; next += 1) {
      const waits = waiting.delete(queue[next]!);
      if (waits) order.push(queue[next]!);
      else if (!passed.has(queue[next]!)) break;
    }
    order.push(name);
    passed.add(name);
  }
  return [...order, ...waiting];
}

function strictChecks(contract: Contract, names: readonly string[]): PlannedCheck[] {
  const checks: PlannedCheck[] = [];
  const expected = new Set(matchColumns(contract, names).map((match) => match.name));
  const queue = expected.values();
  for (const name of names) {
    if (!expected.has(name)) {
      if (contract.strict === true) {
        checks.push(frameCheck("column_in_schema", "COLUMN_NOT_IN_SCHEMA", name));
      }
    } else if (queue.next().value !== name && contract.ordered) {
      checks.push(frameCheck("column_ordered", "COLUMN_NOT_ORDERED", name));
    }
  }
  return checks;
}

function missingColumn(column: ColumnContract): PlannedCheck {
  return frameCheck("column_in_dataframe", "COLUMN_NOT_IN_DATAFRAME", column.name);
}

function noMatch(contract: ColumnContract, names: readonly string[]): PlannedCheck[] {
  if (names.some(columnMatcher(contract))) return [];
  const check = `no_regex_column_match('${contract.name}')`;
  const found = pythonRepr([...names]);
  return [
    {
      ...frameCheck(check, "INVALID_COLUMN_NAME", found),
      context: "Column",
      column: contract.name,
    },
  ];
}

function frameCheck(check: string, reason: Reason, name: string): PlannedCheck {
  return {
    context: "DataFrameSchema",
    column: null,
    check,
    checkNumber: null,
    reason,
    severity: "error",
    mostly: null,
    limit: null,
    drops: false,
    test: { kind: "decided", cases: [name] },
  };
}

/** What the contract as a whole coerces: every column to one dtype, every column to its own, or some. */
type Coercing = Readonly<{ dtype: string | null; all: boolean; some: boolean }>;

function planColumn(
  coercing: Coercing,
  name: string,
  data: RelationColumn | undefined,
  matched: readonly ColumnContract[],
  hasFailed: boolean,
): PlanColumn {
  const isSensitive = matched.some((column) => column.sensitivity !== null);
  const own = matched[0];
  const given = data === undefined ? addedColumn(own!) : givenColumn(data);
  const value = matched.reduce(
    (from, column) => withDefault(from, given.dtype, column),
    given.value,
  );
  const { target, by } = coercionTarget(coercing, matched);
  if (target === undefined || isOfDtype(given.dtype, target)) {
    const output = value === given.value && data !== undefined ? id(name) : value;
    const named = target === undefined ? given.dtype.name : coerced(given.dtype, target).name;
    const dtype = { ...given.dtype, name: named };
    return { name, dtype, value, output, coercion: null, isSensitive };
  }
  const conversion = coerceSql(value, given.dtype, target);
  const coercion = {
    column: by ?? name,
    from: value,
    fromDtype: given.dtype,
    to: target,
    fails: conversion.fails,
  };
  const output = conversion.value;
  if (hasFailed) return { name, dtype: given.dtype, value, output, coercion, isSensitive };
  return {
    name,
    dtype: coerced(given.dtype, target),
    value: output,
    output,
    coercion,
    isSensitive,
  };
}

function givenColumn(data: RelationColumn): { value: Sql; dtype: Dtype } {
  const dtype = dataDtype(data.type, data.duckdbType);
  return { value: columnSql(data.name, dtype), dtype };
}

function addedColumn(contract: ColumnContract): { value: Sql; dtype: Dtype } {
  const wanted = parseDtype(contract.dtype ?? "object")!;
  const dtype = wanted.kind === "object" ? { ...parseDtype("str")!, name: "object" } : wanted;
  const type = { text: dtype.duckdbType ?? "VARCHAR" } as Sql;
  return { value: sql`CAST(NULL AS ${type})`, dtype };
}

/** The type of a coerced column, by pandas' name; categories and objects keep the values they had. */
function coerced(given: Dtype, target: Dtype): Dtype {
  if (target.kind === "text") return { ...target, name: "str" };
  if (target.kind === "object") return { ...given, name: "object" };
  if (target.kind !== "category" || given.kind === "text") return target;
  return { ...given, name: target.name, isCategorical: true };
}

function withDefault(value: Sql, dtype: Dtype, contract: ColumnContract): Sql {
  if (contract.default === null) return value;
  const literal =
    dtype.kind === "text"
      ? literalSql(pythonStr(contract.default), dtype)
      : literalSql(contract.default, dtype);
  if (literal === undefined) return value;
  const isBoolean = dtype.kind === "bool";
  return sql`coalesce(${value}, ${isBoolean ? sql`${literal}::BOOLEAN` : literal})`;
}

/** The dtype that a column is coerced to, and the column of the contract that says so. */
function coercionTarget(
  coercing: Coercing,
  matched: readonly ColumnContract[],
): { target: Dtype | undefined; by?: string } {
  if (coercing.dtype !== null) {
    return { target: coercing.some ? parseDtype(coercing.dtype) : undefined };
  }
  const column = matched.find(({ dtype, coerce }) => dtype !== null && (coerce || coercing.all));
  if (column === undefined) return { target: undefined };
  return { target: parseDtype(column.dtype!), by: column.name };
}
