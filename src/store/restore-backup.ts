import { existsSync, renameSync } from "node:fs";
import type { Effects } from "../core/effects.ts";
import type { BackupFile } from "./backup-files.ts";
import { readDumpFile, readDumpHeader } from "./dump-file.ts";
import type { DumpHeader } from "./dump-format.ts";
import { EMBEDDED_MAJOR, majorOf, unpackSnapshot } from "./embedded-folder.ts";
import type { EmbeddedOwner } from "./embedded-owner.ts";
import type { EmbeddedPaths } from "./embedded-paths.ts";
import { connectOwner } from "./embedded-pool.ts";
import { loadRows } from "./load-rows.ts";
import { resetSchema } from "./migrate.ts";
import { readMigrations } from "./migration-files.ts";
import { planMigrations } from "./migration-plan.ts";

export type PrepareOptions = Readonly<{
  /** Runs before a dump takes the place of the database: what remembers its content forgets it. */
  beforeRestore(): Promise<void>;
}>;

/** Opens a folder for the time of a restore. */
export type OpenFolder = (folder: string) => Promise<EmbeddedOwner>;

/**
 * Makes the database anew from a dump: the schema by the migrations that the dump had, then its rows;
 * later migrations follow when the database is opened. All of it happens in a folder beside, which
 * takes its place at the end. A folder of another PostgreSQL is kept under the name of its major, for
 * what was written after the dump is only there. A kill between the two renames leaves no folder, and
 * the next start restores again.
 */
export async function restoreBackup(
  paths: EmbeddedPaths,
  backup: BackupFile,
  open: OpenFolder,
  options: PrepareOptions,
  effects: Effects,
): Promise<void> {
  const { folder } = paths;
  const major = majorOf(folder);
  const header = await readDumpHeader(backup.path);
  planMigrations(readMigrations(), header.migrations); // refuses a dump of a newer DuetMind
  const kept = major === undefined ? undefined : freeName(`${folder}.postgresql-${major}`);
  const rows = await effects.files.publish(folder, async (temporary) => {
    unpackSnapshot(temporary);
    const loaded = await fill(temporary, backup, header, open, effects);
    await options.beforeRestore();
    if (kept !== undefined) renameSync(folder, kept);
    return loaded;
  });
  const why =
    major === undefined
      ? "there was none"
      : `it was of PostgreSQL ${major}, and this DuetMind brings ${EMBEDDED_MAJOR}; the old folder is ${kept}`;
  effects.progress.note(
    `warning: ${folder} was restored from ${backup.path} (${rows} rows as of ${header.taken_at}): ${why}`,
  );
}

async function fill(
  folder: string,
  { path }: BackupFile,
  { migrations }: DumpHeader,
  open: OpenFolder,
  effects: Effects,
): Promise<number> {
  const owner = await open(folder);
  try {
    const connection = await connectOwner(owner.endpoint);
    try {
      const applied = readMigrations().slice(0, migrations.length);
      await resetSchema(connection, effects.clock.now(), applied);
      return await loadRows(connection, readDumpFile(path), path);
    } finally {
      await connection.end();
    }
  } finally {
    await owner.close();
  }
}

function freeName(path: string, number = 1): string {
  const name = number === 1 ? path : `${path}-${number}`;
  return existsSync(name) ? freeName(path, number + 1) : name;
}
