import { resolve } from "node:path";
import type { Database, SQLiteValue } from "node-sqlite3-wasm";
import type { Effects } from "../core/effects.ts";
import { DuetMindError } from "../core/errors.ts";
import { throwIfInterrupted } from "../core/interrupted.ts";
import { copyField, toCopyText } from "./copy-text.ts";
import { boundColumn, checkColumns, tableMissing } from "./database-columns.ts";
import type {
  ColumnType,
  DatabaseColumn,
  DatabaseRequest,
  DatabaseRows,
  OpenRows,
} from "./database-rows.ts";
import { openSqliteFile } from "./sqlite-file.ts";
import {
  createView,
  describeTable,
  listTables,
  readFacts,
  type SqliteColumn,
  type SqliteFacts,
  type SqliteSince,
  selectRows,
} from "./sqlite-queries.ts";
import { toSqliteType } from "./sqlite-types.ts";

const VIEW = "duetmind source";

/** A table, view or query of a SQLite file; its values are looked at once for their types, then read. */
export const openSqliteRows: OpenRows = async (request, effects) => {
  const file = resolve(request.sync.root, request.database.sqlite!);
  const connection = await openSqliteFile(file, request.scratch);
  try {
    return await named(request, file, async () => planRows(connection, request, effects));
  } catch (error) {
    connection.close();
    throw error;
  }
};

function planRows(
  connection: Database,
  request: DatabaseRequest,
  { signal }: Effects,
): DatabaseRows {
  const { subject, database, sync } = request;
  const [from, described] = describeSource(connection, request);
  checkColumns(described.map(toUntyped), subject);
  const names = described.map(({ name }) => name);
  const facts = readFacts(connection, from, described);
  const columns = described.map((column, i) => toColumn(column, facts[i]!, subject));
  const key = described
    .filter(({ keyPlace }) => keyPlace > 0)
    .sort((a, b) => a.keyPlace - b.keyPlace)
    .map(({ name }) => name);
  const since = toSince(request, columns, facts);
  async function* lines() {
    const rows = selectRows(connection, from, names, key, since);
    for await (const text of toCopyText(toFields(rows, columns))) {
      // SQLite computes on this thread: let a signal in
      await new Promise(setImmediate);
      throwIfInterrupted(signal);
      yield text;
    }
  }
  // for SQLite a key may hold nulls, and any number of them
  const isTotal = key.every((name) => facts[names.indexOf(name)]!.nulls === 0);
  return {
    columns,
    isOrdered: key.length > 0 && isTotal && database.order_by === undefined,
    lines: namedLines(request, resolve(sync.root, database.sqlite!), lines()),
    notes: () => mixedNotes(columns, facts),
    close: async () => connection.close(),
  };
}

function describeSource(
  connection: Database,
  { database, subject }: DatabaseRequest,
): [from: string, columns: SqliteColumn[]] {
  const { table, query } = database;
  if (table !== undefined) {
    const name = table.replace(/^main\./, "");
    const columns = describeTable(connection, name);
    if (columns.length === 0) throw tableMissing(subject, table, listTables(connection));
    return [name, columns];
  }
  createView(connection, VIEW, query!);
  const columns = describeTable(connection, VIEW);
  const names = new Set(columns.map(({ name }) => name.toLowerCase()));
  return [
    VIEW,
    // SQLite puts `:1` behind a name that is there already
    columns.map((column) => {
      const plain = column.name.replace(/:\d+$/, "");
      return names.has(plain.toLowerCase()) ? { ...column, name: plain } : column;
    }),
  ];
}

const toUntyped = ({ name }: SqliteColumn): DatabaseColumn => ({ name, type: "VARCHAR" });

function toColumn(
  { name, declared }: SqliteColumn,
  facts: SqliteFacts,
  subject: string,
): DatabaseColumn {
  const type = toSqliteType(declared, facts);
  if (type === undefined) {
    throw new DuetMindError(
      "COLUMN_TYPE",
      `${subject}: column "${name}": expected values of one kind, got blobs beside others`,
      { hint: "read it by a query with CAST or hex()" },
    );
  }
  if (facts.withNul > 0) {
    throw new DuetMindError(
      "COLUMN_TYPE",
      `${subject}: column "${name}": expected text, got text with a NUL character in ${facts.withNul} rows`,
      { hint: "read it by a query with replace(…, char(0), '')" },
    );
  }
  return { name, type };
}

/** The bound as the column holds its values: SQLite compares a number with text as unequal kinds. */
function toSince(
  request: DatabaseRequest,
  columns: readonly DatabaseColumn[],
  facts: readonly SqliteFacts[],
): SqliteSince | null {
  const noted = columns.map((column, i) => {
    const note = isNumbersAsText(column, facts[i]!)
      ? `column "${column.name}" holds numbers that are read as text`
      : undefined;
    return note === undefined ? column : { ...column, note };
  });
  const found = boundColumn(request, noted);
  if (found === null) return null;
  const since = request.sync.since!;
  const bound = { column: found.name, isTime: found.type === "TIMESTAMP" };
  if (found.type === "BIGINT") return { ...bound, value: BigInt(since) };
  if (found.type === "DOUBLE") return { ...bound, value: Number(since) };
  // midnight may be written as the day alone, which is the lesser text
  const time = () =>
    since
      .replace("T", " ")
      .replace("Z", "")
      .replace(/ 00:00:00$/, "");
  return { ...bound, value: bound.isTime ? time() : since };
}

function isNumbersAsText({ type }: DatabaseColumn, { integers, reals }: SqliteFacts): boolean {
  return type === "VARCHAR" && integers + reals > 0;
}

function* toFields(
  rows: Iterable<readonly SQLiteValue[]>,
  columns: readonly DatabaseColumn[],
): Generator<string[]> {
  for (const row of rows) yield columns.map(({ type }, i) => toField(row[i]!, type));
}

function toField(value: SQLiteValue, type: ColumnType): string {
  if (typeof value === "string") return copyField(value);
  if (value === null) return copyField(null);
  if (value instanceof Uint8Array) return Buffer.from(value).toString("hex");
  if (type === "BOOLEAN") return value === 0 ? "false" : "true";
  return Object.is(value, -0) ? "-0" : String(value);
}

function mixedNotes(columns: readonly DatabaseColumn[], facts: readonly SqliteFacts[]): string[] {
  return columns.flatMap(({ name }, i) => {
    const { integers, reals, texts } = facts[i]!;
    if (texts === 0 || integers + reals === 0) return [];
    return `column "${name}" holds numbers and text: read as text`;
  });
}

async function* namedLines(
  request: DatabaseRequest,
  file: string,
  lines: AsyncIterable<Buffer>,
): AsyncGenerator<Buffer> {
  const iterator = lines[Symbol.asyncIterator]();
  for (;;) {
    const next = await named(request, file, () => iterator.next());
    if (next.done === true) return;
    yield next.value;
  }
}

/** SQLite says what is wrong in words, without a position. */
async function named<T>(
  { subject }: DatabaseRequest,
  file: string,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Error) || error.name !== "SQLite3Error") throw error;
    const isFile = /not a database|malformed|unable to open/.test(error.message);
    if (isFile) {
      throw new DuetMindError(
        "FILE_UNREADABLE",
        `${file}: expected a SQLite database, got: ${error.message}`,
        { file, cause: error },
      );
    }
    throw new DuetMindError(
      "BAD_INPUT",
      `${subject}: expected a query that SQLite can run, got: ${error.message}`,
      { path: `${subject}.database.query`, cause: error },
    );
  }
}
