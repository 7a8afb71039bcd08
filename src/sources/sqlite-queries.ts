import type { Database, SQLiteValue } from "node-sqlite3-wasm";
import { id, join, lit, raw, type Sql, sql } from "../table/sql.ts";
import { affinityOf } from "./sqlite-types.ts";

/** A column as SQLite describes it; `declared` is what CREATE TABLE says, or nothing. */
export type SqliteColumn = Readonly<{ name: string; declared: string; keyPlace: number }>;

/** What a column holds, as counts of its values. */
export type SqliteFacts = Readonly<{
  nulls: number;
  integers: number;
  reals: number;
  texts: number;
  blobs: number;
  /** Integers that are neither 0 nor 1. */
  notFlags: number;
  /** Integers that a double cannot hold. */
  large: number;
  /** Texts that are no `2026-01-31`. */
  notDates: number;
  /** Texts that are no `2026-01-31 10:00:00`, with a fraction or not. */
  notTimes: number;
  /** Texts with a NUL character. */
  withNul: number;
}>;

export function listTables(database: Database): string[] {
  const query = sql`SELECT name FROM sqlite_schema WHERE type IN ('table', 'view') ORDER BY name`;
  return database.all(query.text).map((row) => String(row["name"]));
}

/** The columns of a table or view; a second column of one name gets `:1` behind it in a view. */
export function describeTable(database: Database, name: string): SqliteColumn[] {
  return database.all(sql`PRAGMA table_info(${id(name)})`.text).map((row) => ({
    name: String(row["name"]),
    declared: String(row["type"]),
    keyPlace: Number(row["pk"]),
  }));
}

/**
 * Gives a query a name, so that it can be read as a table. The brackets hold it to one statement, the
 * line feeds keep a comment of it from swallowing what follows.
 */
export function createView(database: Database, name: string, query: string): void {
  const body = raw(`(\n${query.replace(/;\s*$/, "")}\n)`);
  database.exec(sql`CREATE TEMP VIEW ${id(name)} AS SELECT * FROM ${body}`.text);
}

/** Columns looked at in one scan: SQLite selects 2,000 values at most. */
const COLUMNS_A_SCAN = 200;
const SAFE = 2n ** 53n;

export function readFacts(
  database: Database,
  from: string,
  columns: readonly SqliteColumn[],
): SqliteFacts[] {
  const facts: SqliteFacts[] = [];
  for (let start = 0; start < columns.length; start += COLUMNS_A_SCAN) {
    const scanned = columns.slice(start, start + COLUMNS_A_SCAN);
    const counted = scanned.map(countSql);
    const row = database.get(sql`SELECT ${join(counted)} FROM ${id(from)}`.text)!;
    const count = (kind: string, i: number) => Number(row[`${kind}${i}`] ?? 0);
    facts.push(
      ...scanned.map((_, i) => ({
        nulls: count("nulls", i),
        integers: count("integers", i),
        reals: count("reals", i),
        texts: count("texts", i),
        blobs: count("blobs", i),
        notFlags: count("notFlags", i),
        large: count("large", i),
        notDates: count("notDates", i),
        notTimes: count("notTimes", i),
        withNul: count("withNul", i),
      })),
    );
  }
  return facts;
}

/** What costs more than a look at the kind of a value is asked of the columns that it decides. */
function countSql({ name, declared }: SqliteColumn, place: number): Sql {
  const column = id(name);
  const affinity = affinityOf(declared);
  const isTime = affinity === "date" || affinity === "timestamp";
  const isKind = (kind: string) => sql`typeof(${column}) = ${lit(kind)}`;
  const day = sql`${column} IS date(${column})`;
  const start = sql`substr(${column}, 1, 19)`;
  const second = sql`${start} IN (strftime('%Y-%m-%d %H:%M:%S', ${start}), strftime('%Y-%m-%dT%H:%M:%S', ${start}))`;
  const fraction = sql`substr(${column}, 20) = '' OR (length(${column}) BETWEEN 21 AND 26 AND substr(${column}, 20, 1) = '.' AND NOT substr(${column}, 21) GLOB '*[^0-9]*')`;
  const counts: Readonly<Record<keyof SqliteFacts, Sql>> = {
    nulls: isKind("null"),
    integers: isKind("integer"),
    reals: isKind("real"),
    texts: isKind("text"),
    blobs: isKind("blob"),
    notFlags: sql`${isKind("integer")} AND ${column} NOT IN (0, 1)`,
    large: sql`${isKind("integer")} AND ${column} NOT BETWEEN ${lit(-SAFE)} AND ${lit(SAFE)}`,
    notDates: !isTime ? sql`0` : sql`${isKind("text")} AND NOT (${day})`,
    notTimes: !isTime
      ? sql`0`
      : sql`${isKind("text")} AND NOT (${day} OR (coalesce(${second}, FALSE) AND (${fraction})))`,
    withNul: sql`${isKind("text")} AND instr(${column}, char(0)) > 0`,
  };
  return join(
    Object.entries(counts).map(([kind, is]) => sql`total(${is}) AS ${id(`${kind}${place}`)}`),
  );
}

/** Rows whose column has this value or a greater one. */
export type SqliteSince = Readonly<{ column: string; value: SQLiteValue; isTime: boolean }>;

/** A time may be written with a T between day and hour, or without; text is ordered by code point. */
function comparable({ column, isTime }: SqliteSince): Sql {
  return isTime ? sql`replace(${id(column)}, 'T', ' ')` : sql`${id(column)} COLLATE BINARY`;
}

/** Rows by place: a row comes as an object, in which a number for a name would lose its order. */
export function* selectRows(
  database: Database,
  from: string,
  names: readonly string[],
  key: readonly string[],
  since: SqliteSince | null,
): Generator<SQLiteValue[]> {
  const selected = join(names.map((name, i) => sql`${id(name)} AS ${id(`c${i}`)}`));
  // a row without a watermark comes each time, so that it is told of
  const bound =
    since === null ? sql`` : sql` WHERE ${comparable(since)} >= ? OR ${id(since.column)} IS NULL`;
  const order = key.length === 0 ? sql`` : sql` ORDER BY ${join(key.map(id))}`;
  const query = sql`SELECT ${selected} FROM ${id(from)}${bound}${order}`;
  const statement = database.prepare(query.text);
  try {
    for (const row of statement.iterate(since === null ? [] : [since.value])) {
      yield Object.values(row) as SQLiteValue[];
    }
  } finally {
    statement.finalize();
  }
}
