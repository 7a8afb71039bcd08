import { DuetMindError } from "../core/errors.ts";
import { nearestHint } from "../core/nearest.ts";
import type { Engine } from "../table/engine.ts";
import type { Relation, RelationColumn } from "../table/relation.ts";
import { openSource } from "../table/source.ts";
import type { Sql } from "../table/sql.ts";
import type { Contract } from "./contract.ts";
import { type Dtype, type DtypeKind, dataDtype } from "./dtype.ts";
import { isSensitiveColumn } from "./match-column.ts";
import type { Cell, PlannedCheck, Test } from "./plan-types.ts";
import { pythonRepr } from "./python-text.ts";
import type { SettledTable } from "./settled-table.ts";
import { decided, shownColumns, toCheck, wrongColumn } from "./table-check.ts";
import type { ForeignKey, Reference } from "./table-checks.ts";
import { isAmong, orphansTable } from "./table-checks-sql.ts";
import { columnSql, shownSql } from "./value-sql.ts";

/** Opens the table that a foreign key looks into. */
export type OpenReference = (engine: Engine, reference: Reference) => Promise<Relation>;

/** Where a foreign key may look: the tables around, and the table itself under its name. */
export type References = Readonly<{ open: OpenReference; itself: string | undefined }>;

/** Without a project there are files, by their paths, and no datasets. */
export const openReferencedFile: OpenReference = async (engine, reference) => {
  if ("file" in reference) return openSource(engine, { path: reference.file, mayBeEmpty: true });
  throw new DuetMindError(
    "BAD_INPUT",
    `table_checks.foreign_key: expected a project with the dataset "${reference.dataset}", got none`,
    { hint: "name a file instead of a dataset" },
  );
};

/**
 * The rows that refer to nothing, found by an anti join that keeps their numbers: the scan then shows
 * them with the other failed rows. A key of one column shows its value, one of several all of them.
 */
export async function planForeignKey(
  engine: Engine,
  contract: Contract,
  { relation, value }: SettledTable,
  key: ForeignKey,
  references: References,
): Promise<PlannedCheck> {
  const { columns, severity } = key;
  const target = "dataset" in key ? key.dataset : key.file;
  const names = [shownColumns(columns), target, shownColumns(key.references)];
  const check = `foreign_key(${names.map(pythonRepr).join(", ")})`;
  const column = columns.length === 1 ? columns[0]! : null;
  const wrong = columns
    .map((name) => wrongColumn(relation, name))
    .find((each) => each !== undefined);
  if (wrong !== undefined) return toCheck(check, column, severity, wrong.test, wrong.reason);
  const isItself = "dataset" in key && key.dataset === references.itself;
  const other = isItself ? relation : await references.open(engine, key);
  const own = columns.map((name) => relation.columns.find((each) => each.name === name)!);
  const there = key.references.map((name) => findReferenced(other, target, name));
  // a table without rows may have been of any type
  const areTyped = relation.rowCount > 0 && other.rowCount > 0;
  const unlike = own.find((each, i) => !isComparable(dtypeOf(each), dtypeOf(there[i]!)));
  if (areTyped && unlike !== undefined) {
    return toCheck(check, column, severity, decided([unlike.type]), "WRONG_DATATYPE");
  }
  const pairs = own.map((each, i) => ({ own: keyValue(each), other: keyValue(there[i]!) }));
  const orphans = engine.freshName();
  await engine.run(orphansTable(relation, other, pairs, orphans));
  return toCheck(check, column, severity, orphanTest(contract, own, value, orphans));
}

function orphanTest(
  contract: Contract,
  own: readonly RelationColumn[],
  value: SettledTable["value"],
  orphans: string,
): Test {
  const cells = own.map((column): Cell => {
    const fails = isAmong(orphans);
    const shown = shownSql(value(column.name), dtypeOf(column));
    const isSensitive = isSensitiveColumn(contract, column.name);
    return { column: column.name, fails, shown, isSensitive };
  });
  const [cell] = cells;
  return cells.length === 1
    ? { kind: "rows", ...cell!, checked: null, orElse: null }
    : { kind: "cells", cells, isNullBroken: null };
}

function findReferenced(other: Relation, target: string, name: string): RelationColumn {
  const found = other.columns.find((each) => each.name === name);
  if (found !== undefined) return found;
  const names = other.columns.map((each) => each.name);
  throw new DuetMindError(
    "COLUMN_NOT_FOUND",
    `table_checks.foreign_key: expected a column of ${target}, got "${name}"`,
    nearestHint(name, names),
  );
}

function dtypeOf({ type, duckdbType }: RelationColumn): Dtype {
  return dataDtype(type, duckdbType);
}

function keyValue(column: RelationColumn): Sql {
  return columnSql(column.name, dtypeOf(column));
}

const NUMBERS: ReadonlySet<DtypeKind> = new Set(["int", "float", "decimal"]);
const TIMES: ReadonlySet<DtypeKind> = new Set(["datetime", "date"]);
const TEXTS: ReadonlySet<DtypeKind> = new Set(["text", "category"]);

/** Whether a value of one type can equal one of the other: a text is never a number. */
function isComparable(a: Dtype, b: Dtype): boolean {
  if (TIMES.has(a.kind) && TIMES.has(b.kind)) return (a.zone === null) === (b.zone === null);
  const isBoth = (kinds: ReadonlySet<DtypeKind>) => kinds.has(a.kind) && kinds.has(b.kind);
  return isBoth(NUMBERS) || isBoth(TEXTS) || (a.kind === b.kind && a.duckdbType === b.duckdbType);
}
