import { lit, type Sql, sql } from "../table/sql.ts";
import type { ContractValue } from "./contract.ts";
import type { Dtype } from "./dtype.ts";

const DAY_NS = 86_400_000_000_000n;
const UNITS: Readonly<Record<string, bigint>> = {
  d: DAY_NS,
  h: 3_600_000_000_000n,
  min: 60_000_000_000n,
  s: 1_000_000_000n,
  ms: 1_000_000n,
  us: 1000n,
  ns: 1n,
};
const CLOCK = /^(?:(-?\d{1,6}) days? ?)?(?:\+?(\d{1,2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?)?$/;
const COUNT = /^(-?\d{1,18}) ?(d|h|min|s|ms|us|ns)$/;

/**
 * Whether arguments of a check are durations: Pandera reads whole numbers as nanoseconds, and fractions
 * cut to them, beside a timedelta dtype. Text stays text, which a duration is compared with all the same.
 */
export function areDurations(
  values: readonly ContractValue[],
  declared: Dtype | undefined,
): boolean {
  if (declared?.kind !== "timedelta") return false;
  return values.every((value) => typeof value === "bigint" || typeof value === "number");
}

/** Nanoseconds of an argument: a number of them, `2 days 03:04:05.5` or `90s`; undefined for anything else. */
export function durationNs(value: ContractValue): bigint | undefined {
  if (typeof value === "bigint") return value;
  if (typeof value === "number") {
    return Number.isFinite(value) ? BigInt(Math.trunc(value)) : undefined;
  }
  if (typeof value !== "string" || value === "") return undefined;
  const counted = COUNT.exec(value);
  if (counted !== null) return BigInt(counted[1]!) * UNITS[counted[2]!]!;
  const clock = CLOCK.exec(value);
  if (clock === null) return undefined;
  const [days, hours, minutes, seconds] = clock.slice(1, 5).map((each) => BigInt(each ?? 0));
  const fraction = BigInt((clock[5] ?? "").padEnd(9, "0"));
  return days! * DAY_NS + ((hours! * 60n + minutes!) * 60n + seconds!) * UNITS["s"]! + fraction;
}

/** The text of pandas: `2 days 03:04:05`, `-1 days +23:59:59`, with 6 or 9 digits of a fraction. */
export function durationText(ns: bigint): string {
  const rest = ((ns % DAY_NS) + DAY_NS) % DAY_NS;
  const days = (ns - rest) / DAY_NS;
  const two = (unit: bigint, cycle: bigint) => String((rest / unit) % cycle).padStart(2, "0");
  const clock = `${two(UNITS["h"]!, 24n)}:${two(UNITS["min"]!, 60n)}:${two(UNITS["s"]!, 60n)}`;
  const fraction = rest % UNITS["s"]!;
  const digits = String(fraction).padStart(9, "0");
  const shown = fraction === 0n ? "" : `.${fraction % 1000n === 0n ? digits.slice(0, 6) : digits}`;
  return `${days} days ${days < 0n ? "+" : ""}${clock}${shown}`;
}

/** What a column of durations is compared with, in nanoseconds. */
export function durationSql(value: ContractValue): Sql | undefined {
  const ns = durationNs(value);
  return ns === undefined ? undefined : lit(ns);
}

/** A column of durations as pandas prints its values; DuckDB holds microseconds. */
export function shownDuration(value: Sql): Sql {
  const rest = sql`((epoch_us(us) % 86400000000 + 86400000000) % 86400000000)`;
  const days = sql`((epoch_us(us) - ${rest}) // 86400000000)`;
  const two = (part: Sql) => sql`lpad((${part})::VARCHAR, 2, '0')`;
  const clock = sql`${two(sql`${rest} // 3600000000`)} || ':' || ${two(sql`${rest} // 60000000 % 60`)} || ':' || ${two(sql`${rest} // 1000000 % 60`)}`;
  const fraction = sql`CASE WHEN ${rest} % 1000000 > 0 THEN '.' || lpad((${rest} % 1000000)::VARCHAR, 6, '0') ELSE '' END`;
  const text = sql`${days} || ' days ' || CASE WHEN ${days} < 0 THEN '+' ELSE '' END || ${clock} || ${fraction}`;
  return sql`list_transform([${value}], lambda us: ${text})[1]`;
}
