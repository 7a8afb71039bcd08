import type { Engine } from "./engine.ts";
import type { RelationColumn } from "./relation.ts";
import { id, join, lit, raw, type Sql, sql } from "./sql.ts";

/** What the row groups of Parquet files say of one column. */
export type ColumnStatistics = Readonly<{
  nulls: number;
  /**
   * No value but null and NaN lies outside; text in the order of its bytes. Null where that is not
   * known, and where a bound is NaN, of which DuckDB tells none.
   */
  bounds: Readonly<{ min: Sql; max: Sql }> | null;
  /** Of floats: NaN may stand beside the bounds, which other writers than DuckDB leave it out of. */
  mayHoldNaN: boolean;
  /** Values stand in a dictionary of their row group, as good as all, so DuckDB asks a condition of each once. */
  isDictionary: boolean;
}>;

type Kind = Readonly<{ types: RegExp; stored: readonly string[]; cast: string }>;

/** How bounds are written for a type, and which Parquet types order them as the column does. */
const KINDS: readonly Kind[] = [
  { types: /^U?(TINY|SMALL|BIG)INT$|^U?INTEGER$/, stored: ["INT32", "INT64"], cast: "HUGEINT" },
  { types: /^FLOAT$/, stored: ["FLOAT"], cast: "FLOAT" },
  { types: /^DOUBLE$/, stored: ["DOUBLE"], cast: "DOUBLE" },
  { types: /^(DATE|TIMESTAMP)$/, stored: ["INT32", "INT64"], cast: "TIMESTAMP" },
  { types: /^TIMESTAMP_NS$/, stored: ["INT64"], cast: "TIMESTAMP_NS" },
  { types: /^TIMESTAMP WITH TIME ZONE$/, stored: ["INT64"], cast: "TIMESTAMPTZ" },
  { types: /^VARCHAR$/, stored: ["BYTE_ARRAY"], cast: "VARCHAR" },
];

const isFloat = (duckdbType: string) => duckdbType === "FLOAT" || duckdbType === "DOUBLE";

/**
 * Other writers say of any column that it may have a dictionary, and leave it where that grows too large.
 * A value takes four bytes or more then, in the place of a code of two at most.
 */
const CODE_BYTES = 2;

/**
 * Statistics of the columns of a table that is exactly these files, without reading a value. A column
 * is absent from the answer where any row group does not tell its nulls; all are where columns are
 * nested, since statistics are those of leaves.
 */
export async function readStatistics(
  engine: Engine,
  files: readonly string[],
  columns: readonly RelationColumn[],
): Promise<ReadonlyMap<string, ColumnStatistics>> {
  const facts = KINDS.flatMap(({ stored, cast }, i) => {
    const isStored = sql`list_contains(${lit([...stored])}, type)`;
    const bound = (column: Sql) =>
      sql`CASE WHEN ${isStored} THEN TRY_CAST(${column} AS ${raw(cast)}) END`;
    const [min, max] = [bound(sql`stats_min_value`), bound(sql`stats_max_value`)];
    const isWhole = sql`count(${min}) = count(*) AND count(${max}) = count(*)`;
    return [
      sql`CASE WHEN ${isWhole} THEN min(${min})::VARCHAR END AS ${id(`min${i}`)}`,
      sql`CASE WHEN ${isWhole} THEN max(${max})::VARCHAR END AS ${id(`max${i}`)}`,
    ];
  });
  const isDictionary = sql`encodings = 'PLAIN_DICTIONARY' OR (contains(encodings, 'RLE_DICTIONARY') AND total_uncompressed_size <= ${lit(CODE_BYTES)} * num_values)`;
  const list = lit([...files]);
  const isOwn = sql`starts_with(created_by, 'DuckDB version ' || version() || ' ')`;
  const writers = sql`SELECT file_name, ${isOwn} AS is_own FROM parquet_file_metadata(${list})`;
  const rows = await engine.rows(
    sql`SELECT column_id, count(*) = count(stats_null_count) AS has_nulls, sum(stats_null_count) AS nulls, bool_and(is_own) AS is_own, bool_and(${isDictionary}) AS is_dictionary, ${join(facts)} FROM parquet_metadata(${list}) JOIN (${writers}) USING (file_name) GROUP BY column_id`,
  );
  if (rows.length !== columns.length) return new Map();
  const found = new Map<string, ColumnStatistics>();
  for (const row of rows) {
    const column = columns[Number(row["column_id"])];
    if (column === undefined || row["has_nulls"] !== true) continue;
    const place = KINDS.findIndex(({ types }) => types.test(column.duckdbType));
    const [min, max] = [row[`min${place}`], row[`max${place}`]];
    const isKnown = typeof min === "string" && typeof max === "string";
    const cast = (text: string) => sql`${lit(text)}::${raw(KINDS[place]!.cast)}`;
    const bounds = isKnown ? { min: cast(min), max: cast(max) } : null;
    // DuckDB writes no bounds of floats where there is a NaN
    const mayHoldNaN = isFloat(column.duckdbType) && !(isKnown && row["is_own"] === true);
    const isDictionary = row["is_dictionary"] === true;
    found.set(column.name, { nulls: Number(row["nulls"]), bounds, mayHoldNaN, isDictionary });
  }
  return found;
}
