import { lit, raw, type Sql, sql } from "../table/sql.ts";
import type { Dtype } from "./dtype.ts";

/**
 * Conversion of a column to a contract's dtype, as pandas' astype does it value by value: the new
 * value (NULL where there is none), and what marks a value that does not convert. DuckDB's own casts
 * are wider (`'2.5'` to 3, `'1e3'` to 1000), so text is matched first.
 */
export type Conversion = Readonly<{ value: Sql; fails: Sql }>;

const INTEGER = "\\s*[+-]?[0-9]+(_[0-9]+)*\\s*";
const FLOAT =
  "(?i)\\s*[+-]?([0-9]+\\.?[0-9]*(e[+-]?[0-9]+)?|\\.[0-9]+(e[+-]?[0-9]+)?|inf(inity)?|nan)\\s*";
/** Text that converts, to a null. */
const NONE: Readonly<Partial<Record<Dtype["kind"], string>>> = {
  float: "(?i)\\s*[+-]?nan\\s*",
  datetime: "nan|NaN|NAN|nat|NaT|NAT",
  timedelta: "nan|NaN|NAN|nat|NaT|NAT",
};
const FORMATS = ["%m/%d/%Y", "%m/%d/%Y %H:%M:%S", "%d %b %Y", "%b %d, %Y", "%B %d, %Y", "%d-%b-%Y"];

export function coerceSql(from: Sql, source: Dtype, target: Dtype): Conversion {
  const value = valueSql(from, source, target);
  const lost = sql`(${from} IS NOT NULL AND ${value} IS NULL)`;
  const none = source.kind === "text" ? NONE[target.kind] : undefined;
  if (none !== undefined) {
    return { value, fails: sql`(${lost} AND NOT regexp_full_match(${from}, ${lit(none)}))` };
  }
  return { value, fails: target.holdsNull ? lost : sql`(${value} IS NULL)` };
}

function valueSql(from: Sql, source: Dtype, target: Dtype): Sql {
  const type = raw(target.duckdbType ?? "VARCHAR");
  switch (target.kind) {
    case "int":
      return toInteger(from, source, target, type);
    case "float":
      if (source.kind !== "text") return sql`TRY_CAST(${from} AS ${type})`;
      return sql`nullif(CASE WHEN regexp_full_match(${from}, ${lit(FLOAT)}) THEN TRY_CAST(trim(${from}, e' \\t\\r\\n') AS ${type}) END, 'nan')`;
    case "bool":
      return toBoolean(from, source);
    case "text":
      return toText(from, source);
    case "datetime":
      return toDatetime(from, source, type);
    case "timedelta":
      return toDuration(from, source);
    case "category":
    case "object":
      return from;
    default:
      return sql`TRY_CAST(${from} AS ${type})`;
  }
}

function toInteger(from: Sql, source: Dtype, target: Dtype, type: Sql): Sql {
  if (source.kind === "text") {
    const digits = sql`replace(trim(${from}, e' \\t\\r\\n'), '_', '')`;
    return sql`CASE WHEN regexp_full_match(${from}, ${lit(INTEGER)}) THEN TRY_CAST(${digits} AS ${type}) END`;
  }
  if (source.kind === "float" || source.kind === "decimal") {
    // numpy's integers cut the fraction in silence, the nullable ones refuse it
    return target.holdsNull
      ? sql`CASE WHEN trunc(${from}) = ${from} THEN TRY_CAST(${from} AS ${type}) END`
      : sql`TRY_CAST(trunc(${from}) AS ${type})`;
  }
  if (source.kind === "datetime") return sql`TRY_CAST(epoch_ns(${from}) AS ${type})`;
  return sql`TRY_CAST(${from} AS ${type})`;
}

/** Python takes any text but the empty one for true, `'False'` too; here it must say so. */
function toBoolean(from: Sql, source: Dtype): Sql {
  if (source.kind !== "text") return sql`TRY_CAST(${from} AS BOOLEAN)`;
  return sql`CASE lower(trim(${from})) WHEN 'true' THEN TRUE WHEN '1' THEN TRUE WHEN 'false' THEN FALSE WHEN '0' THEN FALSE END`;
}

function toText(from: Sql, source: Dtype): Sql {
  if (source.kind === "bool")
    return sql`CASE WHEN ${from} THEN 'True' WHEN NOT ${from} THEN 'False' END`;
  return sql`(${from})::VARCHAR`;
}

function toDatetime(from: Sql, source: Dtype, type: Sql): Sql {
  if (source.kind === "text") {
    return sql`coalesce(TRY_CAST(${from} AS ${type}), try_strptime(${from}, ${lit(FORMATS)})::${type})`;
  }
  if (source.kind === "int") return sql`make_timestamp_ns((${from})::BIGINT)::${type}`;
  return sql`TRY_CAST(${from} AS ${type})`;
}

/** Text of pandas has a plus before the time of negative days; whole numbers are nanoseconds. */
function toDuration(from: Sql, source: Dtype): Sql {
  if (source.kind === "text") return sql`TRY_CAST(replace(${from}, '+', '') AS INTERVAL)`;
  if (source.kind === "int") return sql`to_microseconds((${from} // 1000)::BIGINT)`;
  return sql`CAST(NULL AS INTERVAL)`;
}
