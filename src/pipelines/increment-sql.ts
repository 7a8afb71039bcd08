import type { Relation, RelationColumn } from "../table/relation.ts";
import { ROW_NUMBER } from "../table/relation.ts";
import { id, join, lit, raw, type Sql, sql } from "../table/sql.ts";

const COPY = "__copy__";

/** A watermark as text: ISO 8601 for times, with a Z where they have a zone. */
export function watermarkText(value: Sql, duckdbType: string): Sql {
  if (duckdbType === "TIMESTAMP WITH TIME ZONE") {
    return sql`replace((${value} AT TIME ZONE 'UTC')::VARCHAR, ' ', 'T') || 'Z'`;
  }
  return sql`replace((${value})::VARCHAR, ' ', 'T')`;
}

/** A watermark as a value again. */
export function watermarkValue(text: string, duckdbType: string): Sql {
  return sql`CAST(${lit(text)} AS ${raw(duckdbType)})`;
}

/** The rows whose watermark is at least `since`. */
export function sinceCondition(column: RelationColumn, since: string): Sql {
  return sql`${id(column.name)} >= ${watermarkValue(since, column.duckdbType)}`;
}

/**
 * The rows of `fetched` that are not among those stored: a difference of multisets, so that of three
 * equal rows of which two are stored, one is new. Values of the columns `names` are compared, with NULL
 * equal to NULL. Only rows within `window` are looked at on either side.
 */
export function newRows(
  fetched: Relation,
  stored: Relation,
  names: readonly string[],
  window: Sql,
): Sql {
  const columns = join(names.map(id));
  const equal = join(
    [...names, COPY].map((name) => sql`f.${id(name)} IS NOT DISTINCT FROM s.${id(name)}`),
    " AND ",
  );
  const numbered = (rows: Sql) =>
    sql`(SELECT *, row_number() OVER (PARTITION BY ${columns} ORDER BY ${id(ROW_NUMBER)}) AS ${id(COPY)} FROM ${rows} WHERE ${window})`;
  return sql`SELECT ${join(fetched.columns.map(({ name }) => sql`f.${id(name)}`))}
    FROM ${numbered(fetched.numbered)} f ANTI JOIN ${numbered(stored.numbered)} s ON ${equal}
    ORDER BY f.${id(ROW_NUMBER)}`;
}

/** How many rows of `added` have the key of a stored row. */
export function knownKeys(added: Sql, stored: Relation, key: readonly string[]): Sql {
  const columns = join(key.map(id));
  return sql`SELECT count(*) AS n FROM ${added} WHERE (${columns}) IN (SELECT (${columns}) FROM ${stored.sql})`;
}

/**
 * Places of the rows that a row of the same key has replaced, as (part, row): of one key the row with
 * the greatest watermark stays, and among those the last one.
 */
export function replacedRows(
  paths: readonly string[],
  key: readonly string[],
  watermark: string | null,
): Sql {
  const columns = join(key.map(id));
  const mark = watermark === null ? sql`NULL` : id(watermark);
  const scans = paths.map(
    (path, part) =>
      sql`SELECT ${columns}, ${mark} AS mark, ${lit(part)} AS part, file_row_number AS "row" FROM read_parquet(${lit(path)}, file_row_number = true)`,
  );
  return sql`SELECT part, "row" FROM (${join(scans, " UNION ALL ")})
    QUALIFY row_number() OVER (PARTITION BY ${columns} ORDER BY mark DESC NULLS LAST, part DESC, "row" DESC) > 1`;
}
