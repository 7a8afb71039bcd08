import { randomBytes } from "node:crypto";
import { chmodSync, lstatSync, mkdirSync, renameSync, rmSync, type Stats, statSync } from "node:fs";
import { dirname } from "node:path";
import { DuetMindError, fromWriteError } from "../../core/errors.ts";
import { fromReadError } from "../../core/files.ts";
import { hashFile } from "../../core/hash.ts";
import { makeFolder } from "../../core/make-folder.ts";
import {
  copyHashing,
  readSmallFile,
  SMALL_BYTES,
  smallFileSpace,
  syncFile,
  writeNewFile,
} from "./copy-hashing.ts";
import { createLinker, type LinkType } from "./link-types.ts";
import {
  type HasCache,
  hasObject,
  OBJECT_MODE,
  objectPath,
  objectsFolder,
} from "./object-cache.ts";

/** A file as it was stored. */
export type StoredFile = Readonly<{ md5: string; stat: Stats }>;

/**
 * Puts files into the cache. An object is written under a name of its own, gets the mode of a whole one
 * and then its name: it is there whole or not at all, and two who store the same content at once write
 * the same file. Nothing is synced but the object of a folder, which comes last.
 *
 * Where the file system shares blocks, an object is a clone of the file. Elsewhere the file is read
 * once, hashed while it is copied, and not written at all when the cache has its content.
 */
export type ObjectStore = Readonly<{
  /** Stores a file; `known` is its md5 if that is known without reading it. */
  storeFile(path: string, known: string | null): Promise<StoredFile>;
  /** Stores the list of a folder's files, when these are stored. */
  storeDirectory(md5: string, object: string): void;
}>;

export function createObjectStore(cache: HasCache, types: readonly LinkType[]): ObjectStore {
  const root = objectsFolder(cache);
  const space = smallFileSpace();
  const folders = new Set<string>();

  /** Runs `write` for a new name in a folder of the cache; what it leaves there is removed. */
  async function withTemporary<T>(
    folder: string,
    subject: string,
    write: (temporary: string) => T | Promise<T>,
  ): Promise<T> {
    const temporary = `${folder}/.${randomBytes(8).toString("hex")}.tmp`;
    try {
      prepareFolder(folder);
      return await write(temporary);
    } catch (error) {
      rmSync(temporary, { force: true });
      throw fromWriteError(error, subject);
    }
  }

  function prepareFolder(folder: string): void {
    if (folders.has(folder)) return;
    if (folders.size === 0) makeFolder(root); // says well what is wrong with a cache that cannot be made
    mkdirSync(folder, { recursive: true });
    folders.add(folder);
  }

  function publish(temporary: string, md5: string): void {
    const path = objectPath(cache, md5);
    prepareFolder(dirname(path));
    renameSync(temporary, path);
  }

  /** Gives what was copied its name, unless the cache has its content already. */
  function publishCopy(temporary: string, md5: string): void {
    if (hasObject(cache, md5)) {
      rmSync(temporary);
    } else {
      chmodSync(temporary, OBJECT_MODE);
      publish(temporary, md5);
    }
  }

  async function storeUnknown(path: string, stat: Stats): Promise<StoredFile> {
    const shared = await storeShared(path, stat);
    if (shared !== null) return shared;
    return stat.size <= SMALL_BYTES ? storeSmall(path) : storeLarge(path);
  }

  // where the workspace is to link to the object, the file itself becomes the object
  const isLinked = types[0] === "hardlink" || types[0] === "symlink";
  const linker = createLinker([isLinked ? "hardlink" : "reflink", "copy"]);
  let canShare = isLinked || types.includes("reflink");

  /** A clone does not change any more: its md5 is that of the object, whatever happens to the file. */
  async function storeShared(path: string, stat: Stats): Promise<StoredFile | null> {
    if (!canShare || (isLinked && !isLinkable(path))) return null;
    return withTemporary(root, path, (temporary) => {
      canShare = linker.link(path, temporary) !== null;
      if (!canShare) return null;
      const md5 = hashFile(temporary, "md5").hex;
      publishCopy(temporary, md5);
      refuseChanged(path, stat);
      return { md5, stat };
    });
  }

  async function storeSmall(path: string): Promise<StoredFile> {
    const file = readSmallFile(path, space);
    if (file === null) return storeLarge(path);
    const { md5, bytes, stat } = file;
    if (hasObject(cache, md5)) return { md5, stat };
    const folder = dirname(objectPath(cache, md5)); // a rename within one folder takes half the time
    return withTemporary(folder, path, (temporary) => {
      writeNewFile(temporary, bytes, OBJECT_MODE);
      publish(temporary, md5);
      refuseChanged(path, stat);
      return { md5, stat };
    });
  }

  function storeLarge(path: string): Promise<StoredFile> {
    return withTemporary(root, path, async (temporary) => {
      const { md5, stat } = await copyHashing(path, temporary);
      refuseChanged(path, stat);
      publishCopy(temporary, md5);
      return { md5, stat };
    });
  }

  return {
    async storeFile(path, known) {
      try {
        const stat = statSync(path);
        prepareFolder(root);
        if (known !== null && hasObject(cache, known)) return { md5: known, stat };
        const stored = await storeUnknown(path, stat);
        if (known !== null && stored.md5 !== known) throw changedFile(path);
        return stored;
      } catch (error) {
        throw fromReadError(error, path);
      }
    },
    storeDirectory(md5, object) {
      prepareFolder(root);
      if (hasObject(cache, md5)) return;
      const path = objectPath(cache, md5);
      const temporary = `${dirname(path)}/.${randomBytes(8).toString("hex")}.tmp`;
      try {
        prepareFolder(dirname(path));
        writeNewFile(temporary, Buffer.from(object), OBJECT_MODE);
        syncFile(temporary);
        renameSync(temporary, path);
      } catch (error) {
        rmSync(temporary, { force: true });
        throw fromWriteError(error, path);
      }
    },
  };
}

/** A file that has no other name, and no bit to lose, as which the object may be known. */
function isLinkable(path: string): boolean {
  const stat = lstatSync(path);
  return stat.isFile() && stat.nlink === 1 && (stat.mode & 0o100) === 0 && stat.size > 0;
}

function refuseChanged(path: string, before: Stats): void {
  const now = statSync(path);
  const isSame =
    now.ino === before.ino && now.size === before.size && now.mtimeMs === before.mtimeMs;
  if (!isSame) throw changedFile(path);
}

/** The error for a file or folder that something writes to. */
export function changedFile(path: string): DuetMindError {
  return new DuetMindError(
    "CONFLICT",
    `${path}: expected data that stays as it is while it is stored, got some that something writes to`,
    { file: path, hint: "try again when nothing writes to it" },
  );
}
