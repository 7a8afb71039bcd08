import type { Engine } from "../table/engine.ts";
import type { Relation } from "../table/relation.ts";
import type { Row, Value } from "../table/row.ts";
import { type Sql, sql } from "../table/sql.ts";
import type { Mask } from "./mask.ts";
import type { Outcome } from "./outcome.ts";
import type { Cell } from "./plan-types.ts";
import type { FailureCase, Shown } from "./report.ts";
import {
  casesInScan,
  casesQuery,
  countQuery,
  duplicateCasesQuery,
  LISTED_IN_SCAN,
} from "./scan-sql.ts";

export type CaseOptions = Readonly<{ maxCases: number; mask: Mask }>;
export type Collected = Readonly<{
  cases: ReadonlyMap<Outcome, readonly FailureCase[]>;
  /** One number for each of the conditions that were asked for. */
  rows: readonly number[];
}>;

/** The second pass, over failed checks only: their first cases, and how many rows the conditions hold for. */
export async function collectCases(
  engine: Engine,
  relation: Relation,
  failed: readonly Outcome[],
  conditions: readonly Sql[],
  options: CaseOptions,
): Promise<Collected> {
  const isListed = options.maxCases > 0 && options.maxCases <= LISTED_IN_SCAN;
  const listed = isListed ? casesInScan(failed.filter(hasNoScalar), options.maxCases) : [];
  const counted = conditions.map((condition, i) => ({
    name: `b${i}`,
    expression: sql`count(*) FILTER (WHERE ${condition})`,
  }));
  const all = [...listed, ...counted];
  const row: Row = all.length === 0 ? {} : (await engine.rows(countQuery(relation, all, true)))[0]!;
  const cases = new Map<Outcome, readonly FailureCase[]>();
  for (const outcome of failed) {
    const isAsked = options.maxCases > 0;
    cases.set(outcome, isAsked ? await casesOf(engine, relation, outcome, row, options) : []);
  }
  return { cases, rows: conditions.map((_, i) => Number(row[`b${i}`])) };
}

function hasNoScalar(outcome: Outcome): boolean {
  return outcome.scalar === undefined;
}

async function casesOf(
  engine: Engine,
  relation: Relation,
  outcome: Outcome,
  row: Row,
  { maxCases, mask }: CaseOptions,
): Promise<FailureCase[]> {
  const { check, scalar } = outcome;
  const { test } = check;
  const toCase = (
    column: string | null,
    failureCase: Shown,
    index: number | null,
  ): FailureCase => ({
    schema_context: check.context,
    column,
    check: check.check,
    check_number: check.checkNumber,
    failure_case: failureCase,
    index,
    severity: check.severity,
  });
  if (scalar !== undefined || test.kind === "decided" || test.kind === "values") {
    return [toCase(check.column, scalar ?? null, null)];
  }
  if (test.kind === "duplicates") {
    const found: FailureCase[] = [];
    for (const [i, key] of test.keys.entries()) {
      const limit = maxCases - found.length;
      if (limit <= 0) break;
      const rows = await engine.rows(duplicateCasesQuery(key, i, outcome.duplicates!, limit));
      const show = (value: Value) => (key.isSensitive ? mask(value) : toShown(value));
      found.push(...rows.map(({ r, v }) => toCase(key.column, show(v!), Number(r))));
    }
    return found;
  }
  const list = row[`l${outcome.place}`];
  const query = list === undefined ? casesQuery(relation, check, maxCases) : null;
  const pairs = query === null ? ((list ?? []) as Row[]) : await engine.rows(query);
  return pairs.map(({ r, v }) => {
    const index = Number(r);
    if (test.kind === "cells") return toCase(null, cellsOf(test.cells, v as Row, mask), index);
    const shown = test.isSensitive && v !== null ? mask(v) : toShown(v!);
    return toCase(check.column, shown, index);
  });
}

/** The cells of a row that broke a check of the frame; null cells are not listed. */
function cellsOf(cells: readonly Cell[], values: Row, mask: Mask): Shown {
  const broken = cells.flatMap((cell, i): [string, Shown][] => {
    const value = values[`v${i}`] ?? null;
    if (value === null) return [];
    return [[cell.column, cell.isSensitive ? mask(value) : toShown(value)]];
  });
  return Object.fromEntries(broken);
}

function toShown(value: Value): Shown {
  if (typeof value === "number" && !Number.isFinite(value)) {
    if (Number.isNaN(value)) return null;
    return value > 0 ? "Infinity" : "-Infinity";
  }
  return value as Shown;
}
