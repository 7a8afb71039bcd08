import { VERSION } from "../core/version.ts";
import { readDumpTables, readSequences } from "./dump-catalogue.ts";
import {
  DUMP_FORMAT,
  type DumpHeader,
  type DumpLine,
  type DumpRow,
  type DumpSequence,
  type DumpTable,
} from "./dump-format.ts";
import { asText, DUMP_SETTINGS, ownName, quoteName, type RowConnection } from "./dump-session.ts";
import { readLedger } from "./migrate.ts";

/** What one FETCH should bring: enough to be quick, little enough for any table. */
const TARGET_CHARACTERS = 1 << 20;
const MOST_ROWS = 5_000;

/**
 * Every row of our schema as it is at one moment, a piece of lines at a time. A cursor brings the rows,
 * so memory is that of one piece, whatever the size of a table.
 */
export async function* dumpRows(
  connection: RowConnection,
  now: Date,
): AsyncGenerator<readonly DumpLine[]> {
  await connection.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
  try {
    // as they are: the migrations of a newer DuetMind are dumped too, and refused when restored
    const applied = await readLedger(connection);
    await connection.query(DUMP_SETTINGS);
    const header: DumpHeader = {
      ...{ kind: "header", format: DUMP_FORMAT, duetmind: VERSION, taken_at: now.toISOString() },
      postgresql: await majorVersion(connection),
      next_xid: await readNextXid(connection),
      migrations: [...applied],
    };
    yield [header];
    const tables = await readDumpTables(connection);
    let total = 0;
    for (const table of tables) {
      yield [table];
      let rows = 0;
      for await (const piece of rowsOf(connection, table)) {
        rows += piece.length;
        yield piece;
      }
      yield [{ kind: "end_of_table", name: table.name, rows }];
      total += rows;
    }
    for (const name of await readSequences(connection)) yield [await sequenceOf(connection, name)];
    yield [{ kind: "end", tables: tables.length, rows: total }];
  } finally {
    await connection.query("ROLLBACK").catch(() => {}); // the connection may be what failed
  }
}

/** The number of the next transaction that writes: reading never moves it. */
export async function readNextXid(connection: RowConnection): Promise<string> {
  const { rows } = await connection.query(
    "SELECT pg_snapshot_xmax(pg_current_snapshot())::text AS xid",
  );
  return (rows[0] as { xid: string }).xid;
}

async function majorVersion(connection: RowConnection): Promise<string> {
  const { rows } = await connection.query(
    "SELECT (current_setting('server_version_num')::int / 10000)::text AS major",
  );
  return (rows[0] as { major: string }).major;
}

async function* rowsOf(
  connection: RowConnection,
  { name, columns }: DumpTable,
): AsyncGenerator<DumpRow[]> {
  const names = columns.map((column) => quoteName(column.name)).join(", ");
  await connection.query(
    `DECLARE dumped NO SCROLL CURSOR FOR SELECT ${names} FROM ONLY ${ownName(name)}`,
  );
  let count = 1; // nobody knows yet how long a row is
  for (;;) {
    const found = await connection.query(asText(`FETCH FORWARD ${count} FROM dumped`));
    const rows = found.rows as DumpRow[];
    yield rows;
    if (rows.length < count) break;
    const size = charactersIn(rows);
    const fitting = (TARGET_CHARACTERS * count) / Math.max(size, 1);
    count = Math.ceil(Math.min(MOST_ROWS, 10 * count, fitting));
  }
  await connection.query("CLOSE dumped");
}

function charactersIn(rows: readonly DumpRow[]): number {
  let size = 0;
  for (const row of rows) for (const value of row) size += value?.length ?? 0;
  return size;
}

async function sequenceOf(connection: RowConnection, name: string): Promise<DumpSequence> {
  const { rows } = await connection.query(
    `SELECT last_value::text AS last_value, is_called FROM ${ownName(name)}`,
  );
  return { kind: "sequence", name, ...(rows[0] as Omit<DumpSequence, "kind" | "name">) };
}
