import { existsSync, readdirSync, readFileSync, rmdirSync } from "node:fs";
import { join } from "node:path";
import { builtFile } from "../core/built-file.ts";
import { DuetMindError } from "../core/errors.ts";
import type { Files } from "../core/files.ts";
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

/**
 * Puts the snapshot where no database is yet: beside it first, then renamed, so that a kill leaves
 * nothing half done. Without a snapshot (while it is being built) PGlite initialises the folder.
 */
export async function prepareFolder(folder: string, files: Files): Promise<void> {
  const major = majorOf(folder);
  if (major === EMBEDDED_MAJOR) return;
  if (major !== undefined) {
    throw new DuetMindError(
      "DATABASE_SCHEMA",
      `${folder}: expected a database of PostgreSQL ${EMBEDDED_MAJOR}, got one of PostgreSQL ${major}`,
      { file: folder, hint: "use the version of duetmind that made it" },
    );
  }
  const snapshot = builtFile(SNAPSHOT_FILE);
  if (!existsSync(snapshot)) return;
  // A kill in the middle of PGlite's own start leaves an empty folder, which rename() refuses.
  if (existsSync(folder) && readdirSync(folder).length === 0) rmdirSync(folder);
  await files.publish(folder, async (temporary) => unpackFolder(readFileSync(snapshot), temporary));
}
