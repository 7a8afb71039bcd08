import type { Engine } from "./engine.ts";
import type { Relation, RelationColumn } from "./relation.ts";
import { id, join, lit, type Sql, sql } from "./sql.ts";

/**
 * How a column's values are written for its digest, whatever file they came from: numbers as doubles
 * while these are exact, else as 64-bit integers; times as nanoseconds where these reach; anything else
 * as text.
 */
export type Encoding = "double" | "int64" | "text";

export type EncodedColumn = RelationColumn &
  Readonly<{
    encoding: Encoding;
    /** What is streamed or written. */
    select: Sql;
    /** Known before the pass for integers and times: smallest and largest value as text. */
    range: Readonly<{ min: string; max: string }> | null;
  }>;

const FLOATS = /^(FLOAT|DOUBLE|BOOLEAN)$/;
const INTEGERS = /^U?(TINY|SMALL|BIG)INT$|^U?INTEGER$/;
const TIMES = /^(DATE|TIMESTAMP.*)$/;
const MAX_SAFE = BigInt(Number.MAX_SAFE_INTEGER);

export async function encodeColumns(engine: Engine, relation: Relation): Promise<EncodedColumn[]> {
  const ranges = await readRanges(engine, relation);
  return relation.columns.map((column) => {
    const value = id(column.name);
    const range = ranges.get(column.name) ?? null;
    if (FLOATS.test(column.duckdbType)) {
      return { ...column, encoding: "double", select: sql`${value}::DOUBLE`, range };
    }
    if (TIMES.test(column.duckdbType) && fitsNanoseconds(range)) {
      return { ...column, encoding: "int64", select: sql`epoch_ns(${value})`, range };
    }
    if (!INTEGERS.test(column.duckdbType)) {
      return { ...column, encoding: "text", select: sql`${value}::VARCHAR`, range };
    }
    const isSafe =
      range === null || (BigInt(range.min) >= -MAX_SAFE && BigInt(range.max) <= MAX_SAFE);
    if (isSafe) return { ...column, encoding: "double", select: sql`${value}::DOUBLE`, range };
    return { ...column, encoding: "int64", select: wrapped(value, column.duckdbType), range };
  });
}

/** What 64 bits of nanoseconds hold, as text that sorts as time does. */
const FIRST_TIME = "1677-09-21 00:12:43.145225";
const LAST_TIME = "2262-04-11 23:47:16.854776";

function fitsNanoseconds(range: EncodedColumn["range"]): boolean {
  if (range === null) return true;
  const isPlain = (time: string) => /^\d{4}-/.test(time) && !time.includes("(BC)");
  return (
    isPlain(range.min) && isPlain(range.max) && range.min >= FIRST_TIME && range.max < LAST_TIME
  );
}

/** uint64 keeps its bits in an int64. */
function wrapped(value: Sql, duckdbType: string): Sql {
  if (duckdbType !== "UBIGINT") return sql`${value}::BIGINT`;
  const half = lit(2n ** 63n);
  const whole = lit(2n ** 64n);
  return sql`CASE WHEN ${value} >= ${half} THEN (${value}::HUGEINT - ${whole})::BIGINT ELSE ${value}::BIGINT END`;
}

async function readRanges(
  engine: Engine,
  relation: Relation,
): Promise<Map<string, Readonly<{ min: string; max: string }>>> {
  const ranges = new Map<string, Readonly<{ min: string; max: string }>>();
  const columns = relation.columns.filter(
    ({ duckdbType }) => INTEGERS.test(duckdbType) || TIMES.test(duckdbType),
  );
  if (columns.length === 0) return ranges;
  const facts = columns.flatMap(({ name }, i) => [
    sql`min(${id(name)})::VARCHAR AS ${id(`min ${i}`)}`,
    sql`max(${id(name)})::VARCHAR AS ${id(`max ${i}`)}`,
  ]);
  const [row] = await engine.rows(sql`SELECT ${join(facts)} FROM ${relation.sql}`);
  for (const [i, { name }] of columns.entries()) {
    const min = row![`min ${i}`];
    if (min === null || min === undefined) continue;
    ranges.set(name, { min: String(min), max: String(row![`max ${i}`]) });
  }
  return ranges;
}
