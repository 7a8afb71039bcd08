import type { Engine } from "../table/engine.ts";
import { ROW_NUMBER } from "../table/relation.ts";
import { id, lit, type Sql, sql } from "../table/sql.ts";
import type { SplitName } from "./split-params.ts";
import { SPLIT_COLUMN } from "./split-sql.ts";

/** A table of one bit for each row in each split, cut into pieces of so many rows. */
export type SplitBits = Readonly<{ table: Sql; pieceRows: number }>;

/**
 * Makes a table with one bit for each row in each split: ten million rows take a megabyte, and a scan
 * of the raw data asks for its rows one by one, in their order, with neither a join nor a sort. The bits
 * are a list of pieces, since the engine copies the list for each chunk of the scan and a piece for each
 * row: as one text they took ten times as long as the scan, and megabytes for each chunk.
 */
export async function createSplitBits(engine: Engine, dealt: Sql): Promise<SplitBits> {
  const row = id(ROW_NUMBER);
  const [found] = await engine.rows(sql`SELECT max(${row}) AS last FROM ${dealt}`);
  const last = Number(found!["last"]);
  const pieceRows = rowsOfPiece(last + 1);
  const size = lit(pieceRows);
  const table = id(engine.freshName());
  // a piece that no row of a split is in has its place too
  await engine.run(sql`CREATE TABLE ${table} AS
    WITH pieces AS MATERIALIZED (
      SELECT ${id(SPLIT_COLUMN)} AS split, ${row} // ${size} AS piece,
        bitstring_agg(${row} % ${size}, 0, ${lit(pieceRows - 1)}) AS bits
      FROM ${dealt} GROUP BY 1, 2),
    places AS (
      SELECT split, piece FROM (SELECT DISTINCT split FROM pieces), range(${lit(Math.floor(last / pieceRows) + 1)}) r(piece))
    SELECT split, list(bits ORDER BY piece) AS pieces FROM places LEFT JOIN pieces USING (split, piece) GROUP BY 1`);
  return { table, pieceRows };
}

/**
 * A row costs the bytes of its piece, and its part of the list (16 bytes a piece for each 2,048 rows of
 * a chunk): together least near a quarter of the root of all rows.
 */
function rowsOfPiece(rows: number): number {
  return Math.max(64, 2 ** Math.round(Math.log2(Math.sqrt(rows) / 4)));
}

/** For FROM: the rows of one split, in the order of `rows`. */
export function rowsOfSplit(rows: Sql, { table, pieceRows }: SplitBits, split: SplitName): Sql {
  const [row, size] = [id(ROW_NUMBER), lit(pieceRows)];
  const pieces = sql`(SELECT pieces FROM ${table} WHERE split = ${lit(split)})`;
  return sql`(SELECT * FROM ${rows}
    WHERE get_bit(${pieces}[${row} // ${size} + 1], (${row} % ${size})::INTEGER) = 1)`;
}
