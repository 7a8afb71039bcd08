import type { ConnectionTarget } from "../core/connection-url.ts";
import type { Effects } from "../core/effects.ts";
import type { DatabaseSourceParams } from "./database-params.ts";
import type { SyncRequest } from "./sync-source.ts";

/** The DuckDB type that a column of a database is kept in. */
export type ColumnType =
  | "BOOLEAN"
  | "TINYINT"
  | "SMALLINT"
  | "INTEGER"
  | "BIGINT"
  | "UTINYINT"
  | "USMALLINT"
  | "UINTEGER"
  | "UBIGINT"
  | "FLOAT"
  | "DOUBLE"
  | `DECIMAL(${number},${number})`
  | "DATE"
  | "TIME"
  | "TIMESTAMP"
  | "TIMESTAMP WITH TIME ZONE"
  | "BLOB"
  | "VARCHAR";

export type DatabaseColumn = Readonly<{ name: string; type: ColumnType }>;

/** The rows of a table or query, opened for reading once, in one snapshot of the database. */
export type DatabaseRows = Readonly<{
  columns: readonly DatabaseColumn[];
  /** Whether they come in a total order, by a key; else they are sorted on this machine. */
  isOrdered: boolean;
  /** Lines of the text format of PostgreSQL's COPY (copy-text.ts), cut anywhere. */
  lines: AsyncIterable<Buffer>;
  /** What the person should know about how values were read; complete when `lines` has ended. */
  notes(): readonly string[];
  close(): Promise<void>;
}>;

export type DatabaseRequest = Readonly<{
  sync: SyncRequest;
  database: DatabaseSourceParams;
  /** For messages: `sources.<name>`. */
  subject: string;
  /** An empty folder that goes when the rows are read. */
  scratch: string;
}>;

/** One kind of database. */
export type OpenRows = (request: DatabaseRequest, effects: Effects) => Promise<DatabaseRows>;

export type ServerRequest = DatabaseRequest & Readonly<{ target: ConnectionTarget }>;
