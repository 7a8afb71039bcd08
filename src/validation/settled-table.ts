import type { Engine } from "../table/engine.ts";
import { describeRelation, type Relation, ROW_NUMBER } from "../table/relation.ts";
import { id, join, type Sql, sql } from "../table/sql.ts";
import type { Contract } from "./contract.ts";
import { planColumns } from "./plan-columns.ts";

/** A table as checks of the whole see it: with defaults, coercion and absent columns done. */
export type SettledTable = Readonly<{
  relation: Relation;
  /** A column of it, over the rows of the data. */
  value(name: string): Sql;
}>;

/** What does not convert is missing here; the check of the coercion reports it. */
export async function settleTable(
  engine: Engine,
  contract: Contract,
  data: Relation,
): Promise<SettledTable> {
  const { frame } = planColumns(contract, data.columns, new Set());
  const values = new Map(frame.map(({ name, value }) => [name, value]));
  const value = (name: string) => values.get(name)!;
  const isSame =
    frame.length === data.columns.length &&
    frame.every(({ name, output }) => output.text === id(name).text);
  if (isSame) return { relation: data, value };
  const columns = join(frame.map(({ name, output }) => sql`${output} AS ${id(name)}`));
  const relation = await describeRelation(
    engine,
    sql`(SELECT ${columns} FROM ${data.sql})`,
    sql`(SELECT ${columns}, ${id(ROW_NUMBER)} FROM ${data.numbered})`,
    data.rowCount,
  );
  return { relation, value };
}
