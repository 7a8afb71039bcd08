import { sql } from "kysely";
import { all, type Column, type Sql } from "./condition.ts";

/**
 * Pages by the last row seen. Rows are sorted by columns that may be null or NaN, and in either
 * direction the order is: values, then NaN, then null. The last column must differ from row to row.
 *
 * No index has that order when the direction is down, since PostgreSQL puts nulls and NaN first there.
 * So the rows are read in up to three segments by what their first column is, each of which an index
 * can give in order: a page of the best metrics of a million runs reads a page of an index.
 */
export type SortColumn = Column &
  Readonly<{ direction: "asc" | "desc"; mayBeNull: boolean; mayBeNaN: boolean }>;

/** The values of a row in the columns of the order, as texts; "NaN" is NaN. */
export type Position = readonly (string | null)[];

/** What to add to a query that reads on in one segment. */
export type Segment = Readonly<{
  where: Sql;
  orderBy: Sql;
  /** The part of both that is about the first column, where that has a value. */
  lead?: Readonly<{ where: Sql; orderBy: Sql; isDescending: boolean }>;
}>;

type Kind = "value" | "nan" | "null";

/** The segments that hold rows behind a position, first to last; of all rows without one. */
export function planSegments(
  columns: readonly SortColumn[],
  after: Position | undefined,
): readonly Segment[] {
  const [first, ...rest] = columns as readonly [SortColumn, ...SortColumn[]];
  const kinds: Kind[] = ["value"];
  if (first.mayBeNaN) kinds.push("nan");
  if (first.mayBeNull) kinds.push("null");
  if (after === undefined) return kinds.map((kind) => segment(kind, first, rest, undefined));
  const reached = kindOf(first, after[0]!);
  const from = kinds.indexOf(reached);
  if (from < 0) return [];
  return kinds
    .slice(from)
    .map((kind) => segment(kind, first, rest, kind === reached ? after : undefined));
}

/** A position as JSON: of all rows of a page only the last one's is read. */
export type PositionText = string;

/** A position, to be selected beside what a page wants of its rows. */
export function selectPosition(columns: readonly SortColumn[]): Sql {
  return sql`array_to_json(ARRAY[${sql.join(columns.map(asText))}])::text`;
}

export function toPosition(text: PositionText): Position {
  return JSON.parse(text) as Position;
}

function segment(
  kind: Kind,
  first: SortColumn,
  rest: readonly SortColumn[],
  after: Position | undefined,
): Segment {
  const restOrder = rest.map(orderOf);
  if (kind !== "value") {
    const where = [kind === "nan" ? sql`${first.sql} = 'NaN'` : isNull(first)];
    if (after !== undefined) where.push(isAfter(rest, after.slice(1)));
    return { where: all(where), orderBy: sql.join(restOrder.length > 0 ? restOrder : [sql`true`]) };
  }
  const bounds: Sql[] = [];
  if (first.mayBeNaN) bounds.push(sql`${first.sql} < 'NaN'`);
  else if (first.mayBeNull) bounds.push(sql`${first.sql} IS NOT NULL`);
  if (after !== undefined) {
    // It says nothing new, but an index can begin there.
    const bound = fromText(first, after[0]!);
    bounds.push(sql`${first.sql} ${first.direction === "asc" ? sql`>=` : sql`<=`} ${bound}`);
  }
  const where = [...bounds];
  if (after !== undefined) {
    where.push(isAfter([{ ...first, mayBeNull: false, mayBeNaN: false }, ...rest], after));
  }
  const orderBy = sql`${first.sql} ${directionOf(first)}`;
  return {
    where: all(where),
    orderBy: sql.join([orderBy, ...restOrder]),
    lead: { where: all(bounds), orderBy, isDescending: first.direction === "desc" },
  };
}

/** Values, then NaN, then null. */
function orderOf(column: SortColumn): Sql {
  const last = column.mayBeNull ? sql` NULLS LAST` : sql``;
  const value = sql`${column.sql} ${directionOf(column)}${last}`;
  if (!column.mayBeNaN || column.direction === "asc") return value;
  return sql`${column.sql} = 'NaN'${last}, ${value}`;
}

/** A row comes after a position when it is after it in one column and equal in those before. */
function isAfter(columns: readonly SortColumn[], position: Position): Sql {
  const [first, ...rest] = columns;
  if (first === undefined) return sql`false`;
  const after = comesAfter(first, position[0]!);
  if (rest.length === 0) return after;
  return sql`(${after} OR (${equals(first, position[0]!)} AND ${isAfter(rest, position.slice(1))}))`;
}

function comesAfter(column: SortColumn, text: string | null): Sql {
  const kind = kindOf(column, text);
  if (kind === "null") return sql`false`;
  const after: Sql[] = [];
  if (kind === "value") {
    const operator = column.direction === "asc" ? sql`>` : sql`<`;
    after.push(sql`${column.sql} ${operator} ${fromText(column, text)}`);
    if (column.mayBeNaN && column.direction === "desc") after.push(sql`${column.sql} = 'NaN'`);
  }
  if (column.mayBeNull) after.push(sql`${column.sql} IS NULL`);
  return after.length === 0 ? sql`false` : sql`(${sql.join(after, sql` OR `)})`;
}

function equals(column: SortColumn, text: string | null): Sql {
  return text === null
    ? sql`${column.sql} IS NULL`
    : sql`${column.sql} = ${fromText(column, text)}`;
}

function isNull({ sql: column, isAbsent }: SortColumn): Sql {
  return isAbsent ?? sql`${column} IS NULL`;
}

function kindOf({ type }: SortColumn, text: string | null): Kind {
  if (text === null) return "null";
  return type === "number" && text === "NaN" ? "nan" : "value";
}

function directionOf({ direction }: SortColumn): Sql {
  return direction === "asc" ? sql`ASC` : sql`DESC`;
}

/** Exact, and the same whatever the session's time zone: a time in microseconds since 1970. */
function asText({ sql: column, type }: SortColumn): Sql {
  if (type !== "time") return sql`${column}::text`;
  return sql`trunc(extract(epoch FROM ${column}) * 1000000)::text`;
}

function fromText({ type }: SortColumn, text: string | null): Sql {
  switch (type) {
    case "number":
      return sql`${text}::double precision`;
    case "whole":
      return sql`${text}::bigint`;
    case "text":
    case "id":
      return sql`${text}::text`;
    case "time":
      return sql`(timestamptz 'epoch' + ${text}::bigint / 1000000 * interval '1 second'
        + ${text}::bigint % 1000000 * interval '1 microsecond')`;
  }
}

/** True when a text could be the value of a column: what a token holds is not taken on trust. */
export function isPositionOf(columns: readonly SortColumn[], position: unknown): boolean {
  if (!Array.isArray(position) || position.length !== columns.length) return false;
  return columns.every((column, i) => {
    const text: unknown = position[i];
    if (text === null) return column.mayBeNull;
    return typeof text === "string" && isValueOf(column, text);
  });
}

const NUMBER = /^(?:NaN|-?Infinity|-?\d{1,20}(?:\.\d{1,40})?(?:e[-+]?\d{1,3})?)$/;

function isValueOf({ type }: SortColumn, text: string): boolean {
  switch (type) {
    case "text":
    case "id":
      return !text.includes("\0");
    case "number": {
      // A number beyond the range of a double is an error to PostgreSQL.
      if (!NUMBER.test(text)) return false;
      return text.endsWith("Infinity") || text === "NaN" || isWithinDouble(text);
    }
    case "whole":
      return isWithin(text, -(2n ** 63n), 2n ** 63n - 1n);
    case "time":
      return isWithin(text, -210_000_000_000_000_000n, 8_640_000_000_000_000_000n);
  }
}

/** Neither overflows nor vanishes. */
function isWithinDouble(text: string): boolean {
  const value = Number(text);
  return Number.isFinite(value) && (value !== 0 || /^-?0(?:\.0*)?(?:e|$)/.test(text));
}

function isWithin(text: string, least: bigint, most: bigint): boolean {
  if (!/^-?\d{1,19}$/.test(text)) return false;
  const value = BigInt(text);
  return value >= least && value <= most;
}
