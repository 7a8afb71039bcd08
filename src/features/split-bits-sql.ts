import type { Engine } from "../table/engine.ts";
import { ROW_NUMBER } from "../table/relation.ts";
import { id, lit, type Sql, sql } from "../table/sql.ts";
import type { SplitName } from "./split-params.ts";
import { SPLIT_COLUMN } from "./split-sql.ts";

/**
 * Makes a table with one bit for each row in each split: ten million rows take a megabyte, and a scan
 * of the raw data asks for its rows one by one, in their order, with neither a join nor a copy.
 */
export async function createSplitBits(engine: Engine, dealt: Sql): Promise<Sql> {
  const [found] = await engine.rows(sql`SELECT max(${id(ROW_NUMBER)}) AS last FROM ${dealt}`);
  const last = lit(Number(found!["last"]));
  const bits = id(engine.freshName());
  await engine.run(sql`CREATE TABLE ${bits} AS
    SELECT ${id(SPLIT_COLUMN)} AS split, bitstring_agg(${id(ROW_NUMBER)}, 0, ${last}) AS bits FROM ${dealt} GROUP BY 1`);
  return bits;
}

/** For FROM: the rows of one split, in the order of `rows`. */
export function rowsOfSplit(rows: Sql, bits: Sql, split: SplitName): Sql {
  const ofSplit = sql`(SELECT bits FROM ${bits} WHERE split = ${lit(split)})`;
  return sql`(SELECT * FROM ${rows} WHERE get_bit(${ofSplit}, ${id(ROW_NUMBER)}::INTEGER) = 1)`;
}
