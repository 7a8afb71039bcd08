import { readDumpTables } from "./dump-catalogue.ts";
import {
  type DumpLine,
  type DumpRow,
  type DumpSequence,
  type DumpTable,
  damagedDump,
} from "./dump-format.ts";
import { DUMP_SETTINGS, ownName, quoteName, type RowConnection } from "./dump-session.ts";

/**
 * Puts the rows of a dump in the place of all rows of our schema, in one transaction. Triggers and
 * foreign keys rest meanwhile (the rows obeyed them where they were dumped, and audit_event refuses to
 * be emptied), which only a superuser may ask for: the embedded database's owner is one. `path` is the
 * dump's file, for messages. Returns how many rows came.
 */
export async function loadRows(
  connection: RowConnection,
  pieces: AsyncIterable<readonly DumpLine[]>,
  path: string,
): Promise<number> {
  await connection.query("BEGIN");
  try {
    const present = (await readDumpTables(connection)).map(({ name }) => name);
    await connection.query(`${DUMP_SETTINGS}; SET LOCAL session_replication_role TO replica`);
    if (present.length > 0) await connection.query(`TRUNCATE ${present.map(ownName).join(", ")}`);
    const loader = createLoader(connection, new Set(present), path);
    for await (const lines of pieces) {
      for (const line of lines) {
        if (Array.isArray(line)) await loader.row(line);
        else await loader.mark(line);
      }
    }
    const rows = loader.finish();
    await connection.query("COMMIT");
    return rows;
  } catch (error) {
    await connection.query("ROLLBACK").catch(() => {}); // the connection may be what failed
    throw error;
  }
}

const TARGET_CHARACTERS = 1 << 20;
const MOST_ROWS = 5_000;

type Mark = Exclude<DumpLine, DumpRow>;

/** Takes a dump line by line; `missing` are the tables whose rows have not come yet. */
function createLoader(connection: RowConnection, missing: Set<string>, path: string) {
  let table: DumpTable | undefined;
  let pending: DumpRow[] = [];
  let size = 0;
  let rows = 0;
  let total = 0;
  let ended = false;

  async function flush(): Promise<void> {
    if (table !== undefined && pending.length > 0) await insert(connection, table, pending);
    pending = [];
    size = 0;
  }

  return {
    async row(row: DumpRow): Promise<void> {
      if (row.length !== table?.columns.length) {
        const expected = table === undefined ? "a table" : `${table.columns.length} values`;
        throw damagedDump(path, expected, `a row of ${row.length} values`);
      }
      pending.push(row);
      rows += 1;
      for (const value of row) size += value?.length ?? 0;
      if (size >= TARGET_CHARACTERS || pending.length >= MOST_ROWS) await flush();
    },
    async mark(line: Mark): Promise<void> {
      if (ended) throw damagedDump(path, "nothing behind the last line", `"${line.kind}"`);
      if (line.kind === "table") {
        if (!missing.delete(line.name)) {
          throw damagedDump(path, "a table of the schema, once", `"${line.name}"`);
        }
        table = line;
        rows = 0;
      } else if (line.kind === "end_of_table") {
        await flush();
        if (line.name !== table?.name || line.rows !== rows) {
          throw damagedDump(path, `${line.rows} rows of "${line.name}"`, `${rows}`);
        }
        table = undefined;
        total += rows;
      } else if (line.kind === "sequence") {
        await setSequence(connection, line);
      } else if (line.kind === "end") {
        if (line.rows !== total) throw damagedDump(path, `${line.rows} rows`, `${total}`);
        ended = true;
      }
    },
    finish(): number {
      if (!ended) throw damagedDump(path, "a last line", "the end of the file");
      const [absent] = missing;
      if (absent !== undefined) throw damagedDump(path, `the table "${absent}"`, "none");
      return total;
    },
  };
}

async function setSequence(connection: RowConnection, sequence: DumpSequence): Promise<void> {
  const { name, last_value, is_called } = sequence;
  const values = [ownName(name), last_value, is_called];
  await connection.query("SELECT setval($1::text::regclass, $2::text::bigint, $3)", values);
}

/** An array a column, each text cast to the column's type: what its input function reads. */
async function insert(
  connection: RowConnection,
  { name, columns }: DumpTable,
  rows: readonly DumpRow[],
): Promise<void> {
  const names = columns.map((column) => quoteName(column.name)).join(", ");
  const values = columns.map(({ type }, i) => `u.c${i}::${type}`).join(", ");
  const arrays = columns.map((_, i) => `$${i + 1}::text[]`).join(", ");
  const labels = columns.map((_, i) => `c${i}`).join(", ");
  await connection.query(
    `INSERT INTO ${ownName(name)} (${names}) OVERRIDING SYSTEM VALUE
     SELECT ${values} FROM unnest(${arrays}) AS u(${labels})`,
    columns.map((_, i) => rows.map((row) => row[i]!)),
  );
}
