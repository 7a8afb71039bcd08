import { createHash } from "node:crypto";
import { statSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { openS3Bucket } from "../../artifacts/s3-bucket.ts";
import { type Download, openDownload } from "../../artifacts/s3-download.ts";
import { uploadFile } from "../../artifacts/s3-upload.ts";
import type { Effects } from "../../core/effects.ts";
import { fromWriteError } from "../../core/errors.ts";
import { readSmallFile, SMALL_BYTES, smallFileSpace, writeNewFile } from "../cache/copy-hashing.ts";
import { findByListing } from "./find-by-listing.ts";
import type { S3Place } from "./remote-settings.ts";
import type { RemoteStore } from "./remote-store.ts";

/** An object is written in one request up to this size; that is what is held in memory for each. */
const ONE_REQUEST_BYTES = SMALL_BYTES;

/** The multi-part upload of what turned out to be other bytes is aborted by this. */
class OtherBytes extends Error {}

/** A remote in a bucket. Every object is hashed by what sends and by what receives it. */
export function createS3Remote(
  known: Pick<RemoteStore, "name" | "url" | "jobs">,
  { bucket: name, prefix, connection, encryption, env }: S3Place,
  effects: Effects,
): RemoteStore {
  const bucket = openS3Bucket(
    { bucket: name, connection, env, use: "STORAGE", encryption },
    effects,
  );
  const space = smallFileSpace();

  async function sendLarge(from: string, key: string, md5: string | null): Promise<boolean> {
    const check = (hex: string) => {
      if (md5 !== null && hex !== md5) throw new OtherBytes();
    };
    try {
      await uploadFile(bucket, key, from, "any", { algorithm: "md5", check }, effects);
      return true;
    } catch (error) {
      if (error instanceof OtherBytes) return false;
      throw error;
    }
  }

  return {
    ...known,

    async find(keys) {
      const found = await findByListing(
        keys.map((key) => prefix + key),
        known.jobs,
        {
          head: async (key) => (await bucket.head(key))?.sizeBytes,
          list: (inside) => bucket.list(inside),
        },
        prefix,
      );
      return new Map([...found].map(([key, size]) => [key.slice(prefix.length), size]));
    },

    async send(from, key, md5) {
      if (statSync(from).size > ONE_REQUEST_BYTES) return sendLarge(from, prefix + key, md5);
      const small = readSmallFile(from, space);
      if (small === null) return sendLarge(from, prefix + key, md5);
      if (md5 !== null && small.md5 !== md5) return false;
      const bytes = Buffer.from(small.bytes); // the space is that of the next file too
      const sha256 = createHash("sha256").update(bytes).digest();
      await bucket.put(prefix + key, { bytes, sha256 }, "any");
      return true;
    },

    async receive(key, to) {
      const download = await openDownload(bucket, prefix + key, effects);
      return download === undefined ? null : await write(download, to);
    },

    async *list(inside) {
      const top = inside === "" ? prefix : `${prefix}${inside}/`;
      for await (const { key, sizeBytes } of bucket.list(top)) {
        yield { key: key.slice(prefix.length), sizeBytes };
      }
    },

    delete: (key) => bucket.delete(prefix + key),
  };
}

async function write(download: Download, to: string): Promise<string> {
  const hash = createHash("md5");
  if (download.sizeBytes <= SMALL_BYTES) {
    const chunks: Uint8Array[] = [];
    for await (const chunk of download.bytes) {
      hash.update(chunk);
      chunks.push(chunk);
    }
    try {
      writeNewFile(to, Buffer.concat(chunks));
    } catch (error) {
      throw fromWriteError(error, to);
    }
    return hash.digest("hex");
  }
  const file = await open(to, "wx", 0o666);
  try {
    for await (const chunk of download.bytes) {
      hash.update(chunk);
      await writeAll(file, chunk, to);
    }
  } finally {
    await file.close();
  }
  return hash.digest("hex");
}

async function writeAll(file: FileHandle, bytes: Uint8Array, path: string): Promise<void> {
  try {
    for (let at = 0; at < bytes.length; ) at += (await file.write(bytes, at)).bytesWritten;
  } catch (error) {
    throw fromWriteError(error, path);
  }
}
