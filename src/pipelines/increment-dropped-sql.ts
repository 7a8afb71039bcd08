import { id, lit, type Sql, sql } from "../table/sql.ts";

/** Where the rows of a part stand among all rows that were ever stored. */
export type Place = Readonly<{ before: number; count: number }>;

const ROW = id("row_number");

function within({ before, count }: Place): Sql {
  return sql`${ROW} >= ${lit(before)} AND ${ROW} < ${lit(before + count)}`;
}

/** How many rows of a quarantine table are of one part. */
export function rowsOfPart(table: string, place: Place): Sql {
  return sql`SELECT count(*) AS n FROM ${id(table)} WHERE ${within(place)}`;
}

/** Those rows, numbered within their part. */
export function quarantinedOfPart(table: string, place: Place): Sql {
  return sql`SELECT * REPLACE (${ROW} - ${lit(place.before)} AS ${ROW}) FROM ${id(table)} WHERE ${within(place)} ORDER BY ${ROW}`;
}

/** Their places in the part, and those of an earlier file of places. */
export function leftOutOfPart(table: string, place: Place, earlier: string | null): Sql {
  const more =
    earlier === null ? sql`` : sql` UNION ALL SELECT "row" FROM read_parquet(${lit(earlier)})`;
  const rows = sql`SELECT ${ROW} - ${lit(place.before)} AS "row" FROM ${id(table)} WHERE ${within(place)}`;
  return sql`SELECT "row" FROM (${rows}${more}) ORDER BY "row"`;
}
