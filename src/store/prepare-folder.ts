import { existsSync, readdirSync, rmdirSync } from "node:fs";
import { builtFile } from "../core/built-file.ts";
import type { Effects } from "../core/effects.ts";
import { DuetMindError } from "../core/errors.ts";
import { removeLeftovers } from "../core/files.ts";
import { listBackups } from "./backup-files.ts";
import { EMBEDDED_MAJOR, majorOf, SNAPSHOT_FILE, unpackSnapshot } from "./embedded-folder.ts";
import type { EmbeddedPaths } from "./embedded-paths.ts";
import type { OpenFolder, PrepareOptions } from "./restore-backup.ts";

/**
 * Sees to it that there is a folder that this PGlite can open. Where there is none, or one of another
 * PostgreSQL, the last dump is restored; a new project gets the snapshot.
 */
export async function prepareFolder(
  paths: EmbeddedPaths,
  open: OpenFolder,
  options: PrepareOptions,
  effects: Effects,
): Promise<void> {
  const { folder } = paths;
  const major = majorOf(folder);
  if (major === EMBEDDED_MAJOR) return;
  const [backup] = listBackups(paths.backups);
  if (major !== undefined && backup === undefined) {
    throw new DuetMindError(
      "DATABASE_SCHEMA",
      `${folder}: expected a database of PostgreSQL ${EMBEDDED_MAJOR} or a dump in ${paths.backups}, got one of PostgreSQL ${major} and no dump`,
      { file: folder, hint: "run `duetmind db dump --backup` with the version that made it" },
    );
  }
  removeLeftovers(folder);
  // A kill in the middle of PGlite's own start leaves an empty folder, which rename() refuses.
  if (existsSync(folder) && readdirSync(folder).length === 0) rmdirSync(folder);
  if (backup !== undefined) {
    const { restoreBackup } = await import("./restore-backup.ts");
    await restoreBackup(paths, backup, open, options, effects);
  } else if (existsSync(builtFile(SNAPSHOT_FILE))) {
    await effects.files.publish(folder, async (temporary) => unpackSnapshot(temporary));
  }
}
