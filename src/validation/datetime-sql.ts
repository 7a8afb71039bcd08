import { lit, raw, type Sql, sql } from "../table/sql.ts";
import type { Dtype } from "./dtype.ts";

/**
 * Where the datetime of a check lies among the values that a column can hold: `at` one of them, or
 * right `before` or `after` one. It need not be at one: a column of microseconds holds no
 * `10:00:00.0000005`, and one of nanoseconds ends in the year 2262, where DuckDB casts none further.
 * pandas compares all of them as they are written.
 */
export type Placed = Readonly<{ place: "at" | "before" | "after"; sql: Sql }>;

const DATETIME =
  /^(\d{4}-\d{2}-\d{2})(?:[ T](\d{2}:\d{2})(?::(\d{2}(?:\.\d{1,9})?))?)?(?:Z|[+-]\d{2}:?\d{2})?$/;

/** The last nanosecond that 64 bits count from 1970, which DuckDB reads as infinity, and the first day it casts. */
const LAST_NS = "2262-04-11 23:47:16.854775807";
const FIRST_NS = "1677-09-22";

/** The place of a datetime, or undefined where the text is none. */
export function placeDatetime(text: string, dtype: Dtype): Placed | undefined {
  const [, day, minute = "00:00", second = "00"] = DATETIME.exec(text) ?? [];
  if (day === undefined || Number.isNaN(Date.parse(day))) return undefined;
  if (dtype.duckdbType === "TIMESTAMP_NS") {
    const instant = `${day} ${minute}:${second}`;
    if (instant >= LAST_NS) {
      const place = instant === LAST_NS ? "at" : "after";
      return { place, sql: sql`'infinity'::TIMESTAMP_NS` };
    }
    if (instant < FIRST_NS) return { place: "before", sql: sql`'-infinity'::TIMESTAMP_NS` };
    return { place: "at", sql: sql`${lit(text)}::TIMESTAMP_NS` };
  }
  const type = dtype.zone === null ? "TIMESTAMP" : "TIMESTAMP WITH TIME ZONE";
  // DuckDB cuts what is finer than microseconds
  const isFiner = /\.\d{6}\d*[1-9]/.test(second);
  return { place: isFiner ? "after" : "at", sql: sql`${lit(text)}::${raw(type)}` };
}
