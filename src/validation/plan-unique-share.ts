import type { Engine } from "../table/engine.ts";
import type { Relation } from "../table/relation.ts";
import { dataDtype } from "./dtype.ts";
import type { PlannedCheck } from "./plan-types.ts";
import { pythonRepr } from "./python-text.ts";
import { decided, shownColumns, toCheck, wrongColumn } from "./table-check.ts";
import type { UniqueShare } from "./table-checks.ts";
import { distinctQuery } from "./table-checks-sql.ts";
import { columnSql } from "./value-sql.ts";

/** How many of the rows would be left if each combination of values stood once; fails with that share. */
export async function planUniqueShare(
  engine: Engine,
  relation: Relation,
  { columns, min, severity }: UniqueShare,
): Promise<PlannedCheck> {
  const check = `unique_share(${pythonRepr(shownColumns(columns))}, ${min})`;
  const column = columns.length === 1 ? columns[0]! : null;
  const wrong = columns
    .map((name) => wrongColumn(relation, name))
    .find((each) => each !== undefined);
  if (wrong !== undefined) return toCheck(check, column, severity, wrong.test, wrong.reason);
  const byName = new Map(relation.columns.map((each) => [each.name, each]));
  const values = columns.map((name) => {
    const { type, duckdbType } = byName.get(name)!;
    return columnSql(name, dataDtype(type, duckdbType));
  });
  const [row] = await engine.rows(distinctQuery(relation, values));
  const share = relation.rowCount === 0 ? 1 : Number(row!["n"]) / relation.rowCount;
  return toCheck(check, column, severity, decided(share < min ? [share] : []));
}
