import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { builtFile } from "../core/built-file.ts";
import { unpackFolder } from "./folder-archive.ts";

/** Made by scripts/build-snapshot.ts: an initialised, migrated database, so that nobody waits for it. */
export const SNAPSHOT_FILE = "database.snapshot";

/** The PostgreSQL major that this PGlite is; a folder of another major cannot be opened. */
export const EMBEDDED_MAJOR = "18";

/** The PostgreSQL major of a database folder; undefined when there is no database in it. */
export function majorOf(folder: string): string | undefined {
  const file = join(folder, "PG_VERSION");
  return existsSync(file) ? readFileSync(file, "utf8").trim() : undefined;
}

/** Without a snapshot (while it is being built) PGlite initialises the folder itself. */
export function unpackSnapshot(folder: string): void {
  const snapshot = builtFile(SNAPSHOT_FILE);
  if (existsSync(snapshot)) unpackFolder(readFileSync(snapshot), folder);
}
