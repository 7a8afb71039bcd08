import type { RelationColumn } from "../table/relation.ts";
import { id, type Sql, sql } from "../table/sql.ts";
import { coerceSql } from "./coerce-sql.ts";
import type { ColumnContract, Contract } from "./contract.ts";
import { type Dtype, dataDtype, isOfDtype, parseDtype } from "./dtype.ts";
import { matchesColumn } from "./match-column.ts";
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
  const matches = contract.columns.flatMap((column) => matchColumn(column, names));
  const absent = contract.columns.filter((c) => c.required && !c.regex && !present.has(c.name));
  const added = contract.addMissingColumns ? planAdded(absent) : { columns: [], checks: [] };
  const order = insertAdded(contract, names, added.columns);
  const known = new Set(matches.map((match) => match.name));
  const checks = [
    ...added.checks,
    ...strictChecks(contract, names, known),
    ...(contract.addMissingColumns ? [] : absent.map(missingColumn)),
    ...contract.columns.filter((c) => c.regex && c.required).flatMap((c) => noMatch(c, names)),
  ];
  const byName = new Map(data.map((column) => [column.name, column]));
  const addedMatches = added.columns.map((column) => ({ name: column.name, contract: column }));
  const all = [...matches, ...addedMatches];
  const frame = order.map((name) => {
    const matched = all.filter((match) => match.name === name).map((match) => match.contract);
    return planColumn(contract, name, byName.get(name), matched, failedCoercions.has(name));
  });
  const isKept = (name: string) =>
    contract.strict !== "filter" || !present.has(name) || known.has(name);
  return { frame, matches: inContractOrder(contract, all), checks, kept: order.filter(isKept) };
}

function matchColumn(contract: ColumnContract, names: readonly string[]): Match[] {
  return names.filter((name) => matchesColumn(contract, name)).map((name) => ({ name, contract }));
}

function inContractOrder(contract: Contract, matches: readonly Match[]): Match[] {
  return contract.columns.flatMap((column) => matches.filter((match) => match.contract === column));
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
  let queue = contract.columns
    .filter((c) => c.required || names.includes(c.name))
    .map((c) => c.name);
  const order: string[] = [];
  for (const name of names) {
    while (queue[0] !== undefined && waiting.delete(queue[0])) order.push(queue.shift()!);
    order.push(name);
    queue = queue.filter((each) => each !== name);
  }
  return [...order, ...waiting];
}

function strictChecks(
  contract: Contract,
  names: readonly string[],
  known: ReadonlySet<string>,
): PlannedCheck[] {
  const checks: PlannedCheck[] = [];
  const expected = contract.columns
    .flatMap((column) => matchColumn(column, names))
    .map((match) => match.name);
  const queue = [...new Set(expected)];
  for (const name of names) {
    if (!known.has(name)) {
      if (contract.strict === true) {
        checks.push(frameCheck("column_in_schema", "COLUMN_NOT_IN_SCHEMA", name));
      }
    } else if (queue.shift() !== name && contract.ordered) {
      checks.push(frameCheck("column_ordered", "COLUMN_NOT_ORDERED", name));
    }
  }
  return checks;
}

function missingColumn(column: ColumnContract): PlannedCheck {
  return frameCheck("column_in_dataframe", "COLUMN_NOT_IN_DATAFRAME", column.name);
}

function noMatch(contract: ColumnContract, names: readonly string[]): PlannedCheck[] {
  if (names.some((name) => matchesColumn(contract, name))) return [];
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

function planColumn(
  contract: Contract,
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
  const target = coercionTarget(contract, matched);
  if (target === undefined || isOfDtype(given.dtype, target) || target.kind === "object") {
    const output = value === given.value && data !== undefined ? id(name) : value;
    return { name, dtype: given.dtype, value, output, coercion: null, isSensitive };
  }
  const conversion = coerceSql(value, given.dtype, target);
  const coercion = { from: value, fromDtype: given.dtype, to: target, fails: conversion.fails };
  const output = conversion.value;
  if (hasFailed) return { name, dtype: given.dtype, value, output, coercion, isSensitive };
  return { name, dtype: coerced(target), value: output, output, coercion, isSensitive };
}

function givenColumn(data: RelationColumn): { value: Sql; dtype: Dtype } {
  const dtype = dataDtype(data.type, data.duckdbType);
  return { value: columnSql(data.name, dtype), dtype };
}

function addedColumn(contract: ColumnContract): { value: Sql; dtype: Dtype } {
  const dtype = parseDtype(contract.dtype ?? "object")!;
  const type = { text: dtype.duckdbType ?? "VARCHAR" } as Sql;
  return { value: sql`CAST(NULL AS ${type})`, dtype };
}

/** pandas' name of a coerced column's type, as its messages have it. */
function coerced(target: Dtype): Dtype {
  return target.kind === "text" ? { ...target, name: "str" } : target;
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

function coercionTarget(contract: Contract, matched: readonly ColumnContract[]): Dtype | undefined {
  const anyCoerces = contract.coerce || contract.columns.some((column) => column.coerce);
  if (contract.dtype !== null) return anyCoerces ? parseDtype(contract.dtype) : undefined;
  const coercing = matched.find(
    (column) => column.dtype !== null && (column.coerce || contract.coerce),
  );
  return coercing === undefined ? undefined : parseDtype(coercing.dtype!);
}
