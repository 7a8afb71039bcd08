import type { CsvKind } from "./csv-guess.ts";
import { BOOL_WORDS, INTEGER } from "./csv-guess.ts";
import { declaredFault } from "./declared-types.ts";
import { id, lit, raw, type Sql, sql } from "./sql.ts";

/** How one column is read: the type that the CSV reader gives it, and what is selected from that. */
export type CsvColumnRead = Readonly<{
  readAs: string;
  /** A cast computed beside the text, so that it is computed once. */
  cast: Sql | null;
  select: Sql;
}>;

const MAX_SAFE = lit(Number.MAX_SAFE_INTEGER);

/**
 * Reads a column of a guessed kind, and fails with `duetmind:guess` when a value is not of it.
 * `place` keeps the names of computed casts apart. `trustFloats` says that no field can hold an
 * underscore, the one thing that DuckDB's cast to DOUBLE takes and we do not.
 */
export function readKind(
  name: string,
  place: number,
  kind: CsvKind,
  trustFloats: boolean,
): CsvColumnRead {
  const text = id(name);
  const value = id(`duetmind cast ${place}`);
  const disproved = sql`error('duetmind:guess')`;
  switch (kind) {
    case "int":
      return {
        readAs: "VARCHAR",
        cast: sql`TRY_CAST(${text} AS BIGINT) AS ${value}`,
        // the round trip proves nearly every value; the pattern is for 007, +5 and the like
        select: sql`CASE WHEN ${value}::VARCHAR = ${text} THEN ${value} WHEN ${value} IS NOT NULL AND regexp_matches(${text}, ${lit(INTEGER)}) THEN ${value} ELSE ${disproved} END`,
      };
    case "int-as-float":
      return {
        readAs: "VARCHAR",
        cast: sql`TRY_CAST(${text} AS BIGINT) AS ${value}`,
        select: sql`CASE WHEN ${text} IS NULL THEN NULL WHEN ${value} BETWEEN -${MAX_SAFE} AND ${MAX_SAFE} AND (${value}::VARCHAR = ${text} OR regexp_matches(${text}, ${lit(INTEGER)})) THEN ${value}::DOUBLE ELSE ${disproved} END`,
      };
    case "int-with-nulls":
      return { readAs: "VARCHAR", cast: null, select: sql`CAST(${text} AS BIGINT)` };
    case "uint":
      return { readAs: "VARCHAR", cast: null, select: sql`CAST(${text} AS UBIGINT)` };
    case "float":
      if (trustFloats) return { readAs: "DOUBLE", cast: null, select: text };
      return {
        readAs: "VARCHAR",
        cast: sql`TRY_CAST(${text} AS DOUBLE) AS ${value}`,
        select: sql`CASE WHEN ${text} IS NULL THEN NULL WHEN ${value} IS NOT NULL AND NOT contains(${text}, '_') THEN ${value} ELSE ${disproved} END`,
      };
    case "bool":
      return {
        readAs: "VARCHAR",
        cast: null,
        select: sql`CASE WHEN ${text} IS NULL THEN NULL WHEN ${text} IN (${words()}) THEN lower(${text}) = 'true' ELSE ${disproved} END`,
      };
    case "str":
      return { readAs: "VARCHAR", cast: null, select: text };
  }
}

/** Reads a column of a declared type; a value that is not of it is an error that shows the value. */
export function readDeclared(name: string, place: number, duckdbType: string): CsvColumnRead {
  const text = id(name);
  const value = id(`duetmind cast ${place}`);
  const wrong = declaredFault(place, text);
  if (/INT/.test(duckdbType)) {
    return {
      readAs: "VARCHAR",
      cast: sql`TRY_CAST(${text} AS ${raw(duckdbType)}) AS ${value}`,
      select: sql`CASE WHEN ${text} IS NULL THEN NULL WHEN ${value} IS NOT NULL AND regexp_matches(${text}, ${lit(INTEGER)}) THEN ${value} ELSE ${wrong} END`,
    };
  }
  if (duckdbType === "BOOLEAN") {
    return {
      readAs: "VARCHAR",
      cast: null,
      select: sql`CASE WHEN ${text} IS NULL THEN NULL WHEN ${text} IN ('1', ${words()}) THEN ${text} = '1' OR lower(${text}) = 'true' WHEN ${text} = '0' THEN FALSE ELSE ${wrong} END`,
    };
  }
  return { readAs: duckdbType, cast: null, select: text }; // the reader's own error names line and value
}

function words(): Sql {
  return raw(BOOL_WORDS.map((word) => `'${word}'`).join(", "));
}
