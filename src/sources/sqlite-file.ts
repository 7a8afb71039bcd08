/**
 * The WebAssembly build of SQLite locks a file with a folder beside it, which no other program heeds
 * and which a kill leaves behind; nor has it the shared memory that a file in WAL mode asks for. So it
 * never touches the user's file: it opens a copy of its own, together with the journal or WAL that
 * holds what is not in the file yet. The copy is taken again when the file changes meanwhile.
 */
import { constants } from "node:fs";
import { copyFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Database } from "node-sqlite3-wasm";
import { DuetMindError } from "../core/errors.ts";
import { fromReadError } from "../core/files.ts";

const COMPANIONS = ["", "-journal", "-wal"];
const ATTEMPTS = 5;

/** Opens a consistent copy of a SQLite file, in a folder that the caller removes. */
export async function openSqliteFile(file: string, scratch: string): Promise<Database> {
  const copy = join(scratch, "snapshot.db");
  await takeSnapshot(file, copy);
  const { default: sqlite } = await import("node-sqlite3-wasm");
  const database = new sqlite.Database(copy, { readOnly: true, fileMustExist: true });
  // without shared memory; and the copy is nobody else's
  database.exec("PRAGMA locking_mode = EXCLUSIVE");
  return database;
}

async function takeSnapshot(file: string, copy: string): Promise<void> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const before = await Promise.all(COMPANIONS.map((end) => stateOf(file + end)));
    if (before[0] === null) await copyFile(file, copy).catch((error) => throwRead(error, file));
    for (const [i, end] of COMPANIONS.entries()) {
      await rm(copy + end, { force: true });
      if (before[i] === null) continue;
      await copyFile(file + end, copy + end, constants.COPYFILE_FICLONE).catch((error) => {
        // SQLite removes a journal when its transaction ends: the states below differ then
        if (end === "" || error.code !== "ENOENT") throwRead(error, file + end);
      });
    }
    const after = await Promise.all(COMPANIONS.map((end) => stateOf(file + end)));
    if (after.every((state, i) => state === before[i])) return;
  }
  throw new DuetMindError(
    "SOURCE_UNAVAILABLE",
    `${file}: expected a file that stands still for a copy, got changes in each of ${ATTEMPTS} attempts`,
    { file, hint: "run it again when nobody writes to the database" },
  );
}

async function stateOf(path: string): Promise<string | null> {
  const found = await stat(path, { bigint: true }).catch(() => null);
  return found === null ? null : `${found.ino} ${found.size} ${found.mtimeNs}`;
}

function throwRead(error: unknown, path: string): never {
  throw fromReadError(error, path);
}
