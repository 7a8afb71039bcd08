import type { Engine } from "../table/engine.ts";
import type { Row, Value } from "../table/row.ts";
import { casesQuery, type FailedRows } from "./failed-rows-sql.ts";
import type { Mask } from "./mask.ts";
import type { Outcome } from "./outcome.ts";
import type { Cell } from "./plan-types.ts";
import type { FailureCase, Shown } from "./report.ts";
import { duplicateCasesQuery } from "./scan-sql.ts";

export type CaseOptions = Readonly<{ maxCases: number; mask: Mask }>;

/** The first cases of every failed check, from the rows that the scan kept. */
export async function collectCases(
  engine: Engine,
  rows: FailedRows,
  failed: readonly Outcome[],
  options: CaseOptions,
): Promise<ReadonlyMap<Outcome, readonly FailureCase[]>> {
  const cases = new Map<Outcome, readonly FailureCase[]>();
  for (const outcome of failed) {
    const isAsked = options.maxCases > 0;
    cases.set(outcome, isAsked ? await casesOf(engine, rows, outcome, options) : []);
  }
  return cases;
}

async function casesOf(
  engine: Engine,
  rows: FailedRows,
  outcome: Outcome,
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
      const query = duplicateCasesQuery(key, i, outcome.duplicates!, limit);
      const show = (value: Value) => (key.isSensitive ? mask(value) : toShown(value));
      for (const { r, v } of await engine.rows(query)) {
        found.push(toCase(key.column, show(v!), Number(r)));
      }
    }
    return found;
  }
  const limit = Math.min(maxCases, check.limit ?? maxCases);
  const pairs = await engine.rows(casesQuery(rows, test, limit));
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
