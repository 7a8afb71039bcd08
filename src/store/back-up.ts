import type { Effects } from "../core/effects.ts";
import { DuetMindError } from "../core/errors.ts";
import { throwIfInterrupted } from "../core/interrupted.ts";
import { listBackups, newBackupPath, tidyBackups } from "./backup-files.ts";
import { readDumpHeader, writeDumpFile } from "./dump-file.ts";
import type { DumpLine } from "./dump-format.ts";
import { dumpRows, readNextXid } from "./dump-rows.ts";
import type { RowConnection } from "./dump-session.ts";
import type { Endpoint } from "./embedded-owner.ts";
import type { EmbeddedPaths } from "./embedded-paths.ts";
import { connectOwner } from "./embedded-pool.ts";

const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * Takes the daily dump of the embedded database, when its owner is about to close it: a later DuetMind
 * may bring another PostgreSQL, which cannot open the folder, and a power cut may damage it. Nothing
 * happens while the last dump is younger than a day, or when nothing was written since.
 */
export async function backUpWhenDue(
  paths: EmbeddedPaths,
  endpoint: Endpoint,
  effects: Effects,
): Promise<void> {
  const now = effects.clock.now();
  const [last] = listBackups(paths.backups);
  const age = last === undefined ? DAY_MS : Math.abs(now.getTime() - last.takenAt.getTime());
  if (age < DAY_MS || effects.signal.aborted) return;
  const connection = await connectOwner(endpoint);
  try {
    if (last !== undefined && !(await wasWrittenSince(connection, last.path))) return;
    await backUp(paths, connection, effects);
  } finally {
    await connection.end();
  }
}

/** Takes a dump now, and lets the oldest go. Returns its path and how many rows it holds. */
export async function backUp(
  paths: EmbeddedPaths,
  connection: RowConnection,
  effects: Effects,
): Promise<Readonly<{ path: string; rows: number }>> {
  const now = effects.clock.now();
  const path = newBackupPath(paths.backups, now);
  let rows = 0;
  async function* watched(): AsyncGenerator<readonly DumpLine[]> {
    for await (const lines of dumpRows(connection, now)) {
      throwIfInterrupted(effects.signal);
      if (Array.isArray(lines[0])) rows += lines.length;
      yield lines;
    }
  }
  try {
    await effects.files.publish(path, (temporary) => writeDumpFile(temporary, watched()));
  } catch (error) {
    if (error instanceof DuetMindError) throw error;
    throw new DuetMindError(
      "DATABASE_UNAVAILABLE",
      `${path}: expected to dump the database, got: ${(error as Error).message}`,
      { file: path, hint: "the next command that closes the database tries again", cause: error },
    );
  }
  tidyBackups(paths.backups);
  return { path, rows };
}

async function wasWrittenSince(connection: RowConnection, path: string): Promise<boolean> {
  try {
    return (await readDumpHeader(path)).next_xid !== (await readNextXid(connection));
  } catch (error) {
    if (error instanceof DuetMindError && error.code === "CHECKSUM_MISMATCH") return true; // as good as none
    throw error;
  }
}
