import { randomBytes } from "node:crypto";
import { chmodSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Environment } from "../core/environment.ts";
import { stateFolder } from "../core/state-folder.ts";
import type { OpenedDatabase } from "../store/database.ts";

/** How SQL clients of this machine reach the embedded database while the server runs. */
export type SqlDoor = Readonly<{
  host: string;
  port: number;
  database: string;
  /** A file in libpq's own format: PGPASSFILE=… psql -h localhost -p … duetmind_mlops */
  password_file: string;
}>;

const DATABASE = "duetmind_mlops";

/**
 * Opens the embedded database to psql and others, with a password that only this user can read;
 * undefined on PostgreSQL, which has its own doors, and where another process owns the database.
 */
export async function openSqlDoor(
  database: OpenedDatabase,
  at: Readonly<{ root: string; env: Environment; port: number }>,
): Promise<(SqlDoor & Readonly<{ close(): void }>) | undefined> {
  const password = randomBytes(24).toString("base64url");
  const port = await database.openDoor(at.port, password);
  if (port === undefined) return undefined;
  const file = join(stateFolder(at.root, at.env), "pgpass");
  const lines = ["localhost", "127.0.0.1"].map((host) => `${host}:${port}:*:*:${password}\n`);
  rmSync(file, { force: true });
  writeFileSync(file, lines.join(""), { mode: 0o600 });
  chmodSync(file, 0o600); // libpq ignores a file that others may read
  return {
    host: "127.0.0.1",
    port,
    database: DATABASE,
    password_file: file,
    close: () => rmSync(file, { force: true }),
  };
}
