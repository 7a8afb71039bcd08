import type { Engine } from "../table/engine.ts";
import type { Relation } from "../table/relation.ts";
import type { Contract } from "./contract.ts";
import { dataDtype } from "./dtype.ts";
import { isSensitiveColumn } from "./match-column.ts";
import { planForeignKey, type References } from "./plan-foreign-key.ts";
import type { DecidedCase, PlannedCheck, Test } from "./plan-types.ts";
import { planUniqueShare } from "./plan-unique-share.ts";
import { type SettledTable, settleTable } from "./settled-table.ts";
import { decided, toCheck, wrongColumn } from "./table-check.ts";
import { ageMs } from "./table-checks.ts";
import { inTwoSplits, newestQuery } from "./table-checks-sql.ts";
import { shownSql } from "./value-sql.ts";

/**
 * Checks of the table as a whole, after coercion as in Pandera. How many rows there are is known and how
 * old they are takes a query; which subjects stand in two splits the scan finds out, row by row, with
 * the other checks.
 */
export async function planTableChecks(
  engine: Engine,
  contract: Contract,
  data: Relation,
  now: Date,
  references: References,
): Promise<PlannedCheck[]> {
  if (contract.tableChecks === null) return [];
  const { row_count, freshness, no_subject_in_two_splits, foreign_key, unique_share } =
    contract.tableChecks;
  const table = await settleTable(engine, contract, data);
  const { relation } = table;
  const checks: PlannedCheck[] = [];
  if (row_count !== undefined) {
    const { min, max, severity } = row_count;
    const { rowCount } = relation;
    const isFailed = rowCount < min || (max !== null && rowCount > max);
    const id = `row_count(${min}, ${max ?? "None"})`;
    checks.push(toCheck(id, null, severity, decided(isFailed ? [rowCount] : [])));
  }
  if (freshness !== undefined) {
    const { column, max_age, severity } = freshness;
    const name = `freshness(${max_age})`;
    const wrong = wrongColumn(relation, column, true);
    const cases = wrong === undefined ? await staleness(engine, contract, relation, now) : [];
    const test = wrong?.test ?? decided(cases);
    checks.push(toCheck(name, column, severity, test, wrong?.reason));
  }
  if (no_subject_in_two_splits !== undefined) {
    const { subject, split, severity } = no_subject_in_two_splits;
    const name = `no_subject_in_two_splits('${subject}', '${split}')`;
    const wrong = wrongColumn(relation, subject) ?? wrongColumn(relation, split);
    const test = wrong?.test ?? splitTest(contract, table, subject, split);
    checks.push(toCheck(name, subject, severity, test, wrong?.reason));
  }
  for (const key of foreign_key ?? []) {
    checks.push(await planForeignKey(engine, contract, table, key, references));
  }
  for (const share of unique_share ?? []) {
    checks.push(await planUniqueShare(engine, relation, share));
  }
  return checks;
}

/** The newest value where it is too old, null where there is none. */
async function staleness(
  engine: Engine,
  contract: Contract,
  relation: Relation,
  now: Date,
): Promise<DecidedCase[]> {
  const { column, max_age } = contract.tableChecks!.freshness!;
  const { duckdbType } = relation.columns.find(({ name }) => name === column)!;
  const isZoned = duckdbType === "TIMESTAMP WITH TIME ZONE";
  const [row] = await engine.rows(newestQuery(relation, column, isZoned));
  const { ms, shown } = row!;
  if (ms === null || ms === undefined) return [null];
  if (now.getTime() - Number(ms) <= ageMs(max_age)) return [];
  return [isSensitiveColumn(contract, column) ? "masked" : String(shown)];
}

function splitTest(
  contract: Contract,
  { relation, value }: SettledTable,
  subject: string,
  split: string,
): Test {
  const { type, duckdbType } = relation.columns.find(({ name }) => name === subject)!;
  return {
    kind: "rows",
    fails: inTwoSplits(relation, value(subject), subject, split),
    checked: null,
    shown: shownSql(value(subject), dataDtype(type, duckdbType)),
    isSensitive: isSensitiveColumn(contract, subject),
    orElse: null,
  };
}
