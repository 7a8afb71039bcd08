import pg from "pg";

/** The query of `pg`, whose declared surface leaves out what answers come through: see `DriverQuery`. */
const Query = pg.Query as unknown as new (text: string) => DriverQuery;

/**
 * A statement with a name, whose columns are described once for each connection: `pg` asks for them with
 * each answer, which the server looks up and the client reads again, a good part of a small statement.
 * PostgreSQL refuses a prepared statement whose columns would be others than before, so they stay true.
 */
export class KeptQuery extends Query {
  #known: Known | undefined;
  #columns: readonly Column[] | undefined;

  constructor(name: string, text: string, values: unknown[], callback: Callback) {
    super(text); // a configuration would be copied, at the cost of all the rest here
    this.name = name;
    this.values = values;
    this.callback = callback;
  }

  override prepare(connection: pg.Connection): void {
    this.#known = knownOf(connection);
    this.#columns = this.#known.columns.get(this.name);
    super.prepare(this.#columns === undefined ? connection : this.#known.undescribed);
  }

  override handleRowDescription(message: RowDescription): void {
    super.handleRowDescription(message);
    this.#columns = message.fields.map(({ name }, i) => ({
      name,
      parse: this._result._parsers[i]!,
    }));
  }

  override handleDataRow({ fields }: Readonly<{ fields: (string | null)[] }>): void {
    if (this._canceledDueToError) return;
    const columns = this.#columns!;
    const row: Record<string, unknown> = {};
    try {
      for (let i = 0; i < columns.length; i += 1) {
        const field = fields[i]!;
        row[columns[i]!.name] = field === null ? null : columns[i]!.parse(field);
      }
    } catch (error) {
      this._canceledDueToError = error; // as `pg` does: the answer is read to its end first
      return;
    }
    this._result.rows.push(row);
  }

  override handleCommandComplete(message: unknown, connection: pg.Connection): void {
    super.handleCommandComplete(message, connection);
    this.#known!.columns.set(this.name, this.#columns ?? []); // without rows there is no description
  }
}

type Column = Readonly<{ name: string; parse: (text: string) => unknown }>;

/** What is known of the statements of a connection. */
type Known = Readonly<{
  columns: Map<string, readonly Column[]>;
  /** The connection, through which nothing asks for a description. */
  undescribed: pg.Connection;
}>;

const known = new WeakMap<pg.Connection, Known>();

function knownOf(connection: pg.Connection): Known {
  const found = known.get(connection);
  if (found !== undefined) return found;
  const undescribed = Object.create(connection, { describe: { value: () => {} } });
  const fresh = { columns: new Map(), undescribed };
  known.set(connection, fresh);
  return fresh;
}

type Callback = (error: Error | null, result: pg.QueryResult) => void;
type RowDescription = Readonly<{ fields: readonly Readonly<{ name: string }>[] }>;

/** Of a query of `pg` 8.23.1: the version is exact, and kept-query.interop.test.ts holds it to each of these. */
type DriverQuery = {
  name: string;
  values: unknown[];
  callback: Callback;
  _canceledDueToError: unknown;
  _result: { rows: unknown[]; _parsers: ((text: string) => unknown)[] };
  submit(connection: pg.Connection): void;
  prepare(connection: pg.Connection): void;
  handleRowDescription(message: RowDescription): void;
  handleDataRow(message: Readonly<{ fields: (string | null)[] }>): void;
  handleCommandComplete(message: unknown, connection: pg.Connection): void;
};
