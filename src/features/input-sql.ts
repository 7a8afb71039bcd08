import { id, lit, raw, type Sql, sql } from "../table/sql.ts";
import { columnClass } from "./column-class.ts";
import type { PlannedInput } from "./feature-plan.ts";

const MICROSECONDS_PER_DAY = 86_400_000_000;

/** An input as an expression over the raw columns: DOUBLE or VARCHAR, NULL where missing. */
export function toInputSql(input: PlannedInput): Sql {
  const { source } = input;
  switch (source.kind) {
    case "column":
      return input.type === "text"
        ? toTextSql(id(source.column), source.columnType)
        : withoutNan(sql`${id(source.column)}::DOUBLE`);
    case "datetime_part":
      return datetimePart(id(source.column), source.part, source.since ?? "1970-01-01");
    case "sql":
      // its words were checked by sqlExpressionProblem, in params.yaml and in feature-view.json alike;
      // the line break ends nothing but itself, since comments are refused
      return withoutNan(sql`(${raw(source.expression)}\n)::DOUBLE`);
  }
}

/** A category as text: whole numbers without a point, so that 1 and 1.0 are one category. */
export function toTextSql(column: Sql, type: string): Sql {
  const found = columnClass({ type });
  if (found === "text") return sql`nullif(${column}::VARCHAR, '')`;
  if (found !== "number" || /^u?int/.test(type)) return sql`${column}::VARCHAR`;
  const x = sql`${column}::DOUBLE`;
  return sql`CASE WHEN isnan(${x}) THEN NULL WHEN ${x} = trunc(${x}) AND abs(${x}) < 1e15 THEN ${x}::BIGINT::VARCHAR ELSE ${x}::VARCHAR END`;
}

/** In DuckDB NaN equals NaN. */
function withoutNan(x: Sql): Sql {
  return sql`nullif(${x}, 'nan'::DOUBLE)`;
}

function datetimePart(column: Sql, part: string, since: string): Sql {
  const moment = sql`${column}::TIMESTAMP`;
  if (part === "elapsed_days") {
    const start = Date.parse(`${since}T00:00:00Z`) * 1000;
    return sql`(epoch_us(${moment}) - ${lit(start)})::DOUBLE / ${lit(MICROSECONDS_PER_DAY)}::DOUBLE`;
  }
  if (part === "weekday") return sql`(date_part('isodow', ${moment}) - 1)::DOUBLE`;
  const name = part === "day_of_year" ? "doy" : part;
  return sql`date_part(${lit(name)}, ${moment})::DOUBLE`;
}
