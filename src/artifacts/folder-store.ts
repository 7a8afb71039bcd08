import { createReadStream, createWriteStream } from "node:fs";
import { chmod, readdir, rename, stat, unlink } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import type { Effects } from "../core/effects.ts";
import { DuetMindError, fromWriteError } from "../core/errors.ts";
import { fromReadError } from "../core/files.ts";
import { type Digest, digestFile, digestHex, isDigest } from "../core/hash.ts";
import { writeStream } from "../core/write-stream.ts";
import { checkDigest, checkLength, digestMeter, isIntact } from "./digest-meter.ts";
import { subjectOf, withIncoming } from "./incoming.ts";
import type { ByteRange, ObjectSource, ObjectStore, StoredObject } from "./object-store.ts";
import { reflink } from "./reflink.ts";

/** Blocks of 64 KiB, Node's default, take twice as long. */
const READ_BYTES = 1 << 20;

/**
 * Objects in a folder: `sha256/ab/cdef…`, read-only files.
 *
 * Bytes arrive in `incoming/` and move to their place only when they are whole and their digest is
 * known. Never by hard link: a program that overwrites the user's file in place would then rewrite the
 * stored object.
 */
export function createFolderStore(folder: string, effects: Effects): ObjectStore {
  const objects = join(folder, "sha256");
  const incoming = join(folder, "incoming");

  function pathOf(digest: Digest): string {
    if (!isDigest(digest)) {
      throw new DuetMindError("BAD_INPUT", `artifact: expected a sha256 digest, got "${digest}"`);
    }
    const hex = digestHex(digest);
    return join(objects, hex.slice(0, 2), hex.slice(2));
  }

  async function put(source: ObjectSource, expected?: Digest): Promise<StoredObject> {
    return withIncoming(incoming, source, effects, async (temporary, stored) => {
      if (expected !== undefined) checkDigest(subjectOf(source), expected, stored.digest);
      const path = pathOf(stored.digest);
      // a damaged object is replaced when its bytes come again
      const isThere = (await sizeIfThere(path)) === stored.sizeBytes;
      if (isThere && (await isIntact(() => open(stored.digest)))) return stored;
      await effects.files.publish(path, async (beside) => {
        await rename(temporary, beside);
        await chmod(beside, 0o444);
      });
      return stored;
    });
  }

  async function open(digest: Digest, range?: ByteRange): Promise<Readable> {
    const path = pathOf(digest);
    const sizeBytes = await sizeOf(digest, path);
    if (range !== undefined) {
      checkLength(path, range, sizeBytes);
      return createReadStream(path, { ...range, highWaterMark: READ_BYTES });
    }
    const meter = digestMeter((found) => checkDigest(path, digest, found.digest));
    const file = createReadStream(path, { highWaterMark: READ_BYTES });
    // gone since its size was read
    file.once("error", (error) => meter.destroy(isAbsent(error) ? absent(digest, path) : error));
    meter.once("close", () => file.destroy());
    return file.pipe(meter);
  }

  return {
    put,
    get: open,
    async copyTo(digest, path) {
      const object = pathOf(digest);
      await sizeOf(digest, object);
      await effects.files.publish(path, async (temporary) => {
        if (await reflink(object, temporary)) {
          await chmod(temporary, 0o644);
          checkDigest(object, digest, digestFile(temporary).digest);
        } else {
          await writeStream([await open(digest)], createWriteStream(temporary));
        }
      });
    },
    async has(digest) {
      return (await sizeIfThere(pathOf(digest))) !== undefined;
    },
    async *list() {
      for (const prefix of await names(objects)) {
        for (const rest of await names(join(objects, prefix))) {
          const digest: Digest = `sha256:${prefix}${rest}`;
          if (!isDigest(digest)) continue; // a temporary file of a put that was killed
          const sizeBytes = await sizeIfThere(join(objects, prefix, rest));
          if (sizeBytes !== undefined) yield { digest, sizeBytes };
        }
      }
    },
    async delete(digest) {
      try {
        await unlink(pathOf(digest));
        return true;
      } catch (error) {
        if (isAbsent(error)) return false;
        throw fromWriteError(error, pathOf(digest));
      }
    },
  };
}

async function sizeOf(digest: Digest, path: string): Promise<number> {
  const size = await sizeIfThere(path);
  if (size !== undefined) return size;
  throw absent(digest, path);
}

function absent(digest: Digest, path: string): DuetMindError {
  return new DuetMindError("NOT_FOUND", `${digest}: expected an object in the store, got none`, {
    file: path,
  });
}

async function sizeIfThere(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw fromReadError(error, path);
  }
}

async function names(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).sort();
  } catch (error) {
    if (isAbsent(error)) return [];
    throw fromReadError(error, folder);
  }
}

function isAbsent(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException | null)?.code;
  return code === "ENOENT" || code === "ENOTDIR";
}
