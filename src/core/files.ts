import { randomBytes } from "node:crypto";
import { existsSync, readdirSync, rmSync } from "node:fs";
import { open, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { DuetMindError, fromWriteError } from "./errors.ts";
import { makeFolder } from "./make-folder.ts";

/** The disk, as far as library code may touch it by itself. Tests put a failing one here. */
export type Files = Readonly<{
  readBytes(path: string): Promise<Uint8Array>;
  /**
   * Makes a file appear whole or not at all: `write` fills a temporary path beside it, which is
   * synced and renamed. If anything fails the temporary file goes and the old file stays.
   */
  publish<T>(path: string, write: (temporaryPath: string) => Promise<T>): Promise<T>;
}>;

export const nodeFiles: Files = {
  async readBytes(path) {
    try {
      return await readFile(path);
    } catch (error) {
      throw fromReadError(error, path);
    }
  },
  async publish(path, write) {
    const temporary = join(
      dirname(path),
      `.${basename(path)}.${randomBytes(6).toString("hex")}.tmp`,
    );
    try {
      makeFolder(dirname(path));
      const result = await write(temporary);
      await syncPath(temporary);
      await rename(temporary, path);
      await syncPath(dirname(path));
      return result;
    } catch (error) {
      // Where no folder could be made there is nothing to clear: that must not hide the real error.
      await rm(temporary, { recursive: true, force: true }).catch(() => {});
      throw fromWriteError(error, path);
    }
  },
};

/** Publishes text or bytes in one go. */
export function publishContent(
  files: Files,
  path: string,
  content: string | Uint8Array,
): Promise<void> {
  return files.publish(path, (temporary) => writeFile(temporary, content));
}

/** `.name.<12 hex digits>.tmp`; `.old` of what was moved aside. */
const LEFTOVER = /^\.(.+)\.[0-9a-f]{12}(?:\.old)?\.tmp$/;

/** Removes what killed runs left of published files: their temporary names in those folders. */
export function removeLeftovers(...paths: readonly string[]): void {
  const names = new Map<string, Set<string>>();
  for (const path of paths) {
    const known = names.get(dirname(path)) ?? new Set();
    names.set(dirname(path), known.add(basename(path)));
  }
  for (const [folder, published] of names) {
    for (const file of existsSync(folder) ? readdirSync(folder) : []) {
      const name = LEFTOVER.exec(file)?.[1];
      if (name === undefined || !published.has(name)) continue;
      rmSync(join(folder, file), { recursive: true, force: true });
    }
  }
}

export function fromReadError(error: unknown, path: string): unknown {
  const errno = (error as NodeJS.ErrnoException | null)?.code;
  if (errno === "ENOENT") {
    return new DuetMindError(
      "FILE_NOT_FOUND",
      `${path}: expected a file, got nothing at this path`,
      {
        file: path,
        cause: error,
      },
    );
  }
  if (errno === "EISDIR" || errno === "EACCES" || errno === "EPERM") {
    const got = errno === "EISDIR" ? "a folder" : `permission denied (${errno})`;
    return new DuetMindError("FILE_UNREADABLE", `${path}: expected a readable file, got ${got}`, {
      file: path,
      cause: error,
    });
  }
  return error;
}

async function syncPath(path: string): Promise<void> {
  const file = await open(path, "r");
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}
