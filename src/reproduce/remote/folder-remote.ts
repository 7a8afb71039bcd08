import { randomBytes } from "node:crypto";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { dirname, join, relative } from "node:path";
import { fromWriteError } from "../../core/errors.ts";
import { fromReadError } from "../../core/files.ts";
import { hashFile } from "../../core/hash.ts";
import { makeFolder } from "../../core/make-folder.ts";
import { copyHashing, readSmallFile, smallFileSpace, writeNewFile } from "../cache/copy-hashing.ts";
import { createLinker } from "../cache/link-types.ts";
import { OBJECT_MODE } from "../cache/object-cache.ts";
import type { RemoteStore } from "./remote-store.ts";

/**
 * A remote that is a folder: a disk, a mounted share. Blocks are shared where the file system can;
 * elsewhere a file is read once, hashed while it is copied. Objects are mode 0444, as in the cache.
 */
export function createFolderRemote(
  known: Pick<RemoteStore, "name" | "url" | "jobs">,
  folder: string,
): RemoteStore {
  const linker = createLinker(["reflink", "copy"]);
  const space = smallFileSpace();
  const made = new Set<string>();

  function prepareFolder(path: string): void {
    if (made.has(path)) return;
    if (made.size === 0) makeFolder(folder); // says well what is wrong with one that cannot be made
    mkdirSync(path, { recursive: true });
    made.add(path);
  }

  /** Makes a new file of the bytes of another and says their md5. */
  async function copy(from: string, to: string): Promise<string> {
    if (linker.link(from, to) !== null) return hashFile(to, "md5").hex;
    const small = readSmallFile(from, space);
    if (small === null) return (await copyHashing(from, to)).md5;
    writeNewFile(to, small.bytes);
    return small.md5;
  }

  async function publish(from: string, temporary: string, path: string, md5: string | null) {
    try {
      const found = await copy(from, temporary);
      if (md5 !== null && found !== md5) return false;
      if (md5 !== null) chmodSync(temporary, OBJECT_MODE);
      renameSync(temporary, path);
      return true;
    } finally {
      rmSync(temporary, { force: true });
    }
  }

  return {
    ...known,

    async find(keys) {
      const found = new Map<string, number>();
      if (!isFolder(folder)) return found;
      for (const key of keys) {
        const stat = lstatSync(join(folder, key), { throwIfNoEntry: false });
        if (stat?.isFile() === true) found.set(key, stat.size);
      }
      return found;
    },

    async send(from, key, md5) {
      const path = join(folder, key);
      try {
        prepareFolder(dirname(path));
        // not in the object's own folder: DVC takes all that stands there for objects
        const temporary = join(dirname(dirname(path)), `.${randomBytes(8).toString("hex")}.tmp`);
        return await publish(from, temporary, path, md5);
      } catch (error) {
        throw fromWriteError(error, path);
      }
    },

    async receive(key, to) {
      const path = join(folder, key);
      try {
        return await copy(path, to);
      } catch (error) {
        if (isAbsent(error) && !existsSync(path)) return null;
        throw fromWriteError(fromReadError(error, path), to);
      }
    },

    async *list(inside) {
      const top = join(folder, inside);
      if (!isFolder(top)) return;
      for (const entry of readdirSync(top, { recursive: true, withFileTypes: true })) {
        const path = join(entry.parentPath, entry.name);
        const stat = entry.isFile() ? lstatSync(path, { throwIfNoEntry: false }) : undefined;
        if (stat !== undefined) yield { key: relative(folder, path), sizeBytes: stat.size };
      }
    },

    async delete(key) {
      const path = join(folder, key);
      try {
        rmSync(path, { force: true });
      } catch (error) {
        throw fromWriteError(error, path);
      }
    },
  };
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

function isAbsent(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === "ENOENT" || code === "ENOTDIR";
}
