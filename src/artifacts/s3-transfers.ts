import { createHash, randomBytes } from "node:crypto";
import type { Effects } from "../core/effects.ts";
import { DuetMindError } from "../core/errors.ts";
import { type Digest, digestBytes, digestHex } from "../core/hash.ts";
import type { DirectTransfers, SentPart, StoredObject } from "./object-store.ts";
import type { S3Bucket } from "./s3-bucket.ts";
import { copyObject } from "./s3-copy.ts";
import { openDownload } from "./s3-download.ts";
import { abortLeftovers, deleteLeftovers } from "./s3-leftovers.ts";

/** As long as a slow client may take for all of its parts. */
const UPLOAD_SECONDS = 60 * 60;

/** What S3 says of parts that do not make an object: the client's mistake, not the server's. */
const WRONG_PARTS = new Set(["InvalidPart", "InvalidPartOrder", "EntityTooSmall", "MalformedXML"]);

export type S3TransferOptions = Readonly<{
  bucket: S3Bucket;
  /** Of the keys that clients send to. */
  folder: string;
  keyOf(digest: Digest): string;
  /** Puts an object into its place, unless it is there and intact. */
  settle(stored: StoredObject, write: () => Promise<boolean>): Promise<void>;
}>;

/**
 * Uploads that clients make to the bucket in parts. A key must be the digest of its bytes, and nobody
 * knows it before they have come: so they come to a key of their own, are read once for their digest,
 * copied to their place by the server, and the key is deleted. What a kill leaves goes a day later.
 */
export function createS3Transfers(
  { bucket, folder, keyOf, settle }: S3TransferOptions,
  effects: Effects,
): DirectTransfers {
  let swept: Promise<void> | undefined;

  async function sweep(): Promise<void> {
    await abortLeftovers(bucket, folder, effects);
    await deleteLeftovers(bucket, folder, effects);
  }

  /** An id holds for one name: with another it is the id of no upload. */
  const keyFor = (name: string, token: string) =>
    `${folder}${digestHex(digestBytes(name)).slice(0, 32)}-${token}`;

  function parseId(name: string, id: string): Readonly<{ key: string; uploadId: string }> {
    const [, token, uploadId] = /^([0-9a-f]{32})\.([^\0]+)$/.exec(id) ?? [];
    if (token === undefined || uploadId === undefined) throw unknownUpload(name, id);
    return { key: keyFor(name, token), uploadId };
  }

  /** The digest and size of what a client sent, and which version that is. */
  async function inspect(name: string, key: string, maxBytes = Number.POSITIVE_INFINITY) {
    const found = await openDownload(bucket, key, effects);
    if (found === undefined) return undefined;
    const { etag, sizeBytes, bytes } = found;
    if (sizeBytes > maxBytes) {
      await bucket.delete(key);
      throw new DuetMindError(
        "TOO_LARGE",
        `${name}: expected at most ${maxBytes} bytes, got ${sizeBytes}`,
        { hint: "serve --max-artifact-size sets the limit" },
      );
    }
    const hash = createHash("sha256");
    for await (const chunk of bytes) hash.update(chunk);
    const stored: StoredObject = { digest: `sha256:${hash.digest("hex")}`, sizeBytes };
    return { stored, etag };
  }

  async function join(name: string, key: string, uploadId: string, sent: readonly SentPart[]) {
    const parts = sent.map(({ number, etag }) => ({ PartNumber: number, ETag: etag }));
    try {
      await bucket.finishUpload(key, uploadId, parts, "any");
    } catch (error) {
      const { name: reason } = ((error as Error).cause ?? {}) as { name?: string };
      if (reason === undefined || !WRONG_PARTS.has(reason)) throw error;
      throw new DuetMindError(
        "BAD_INPUT",
        `${name}: expected the parts that were sent, in order, got others (${reason})`,
        { cause: error },
      );
    }
  }

  return {
    async startUpload(name, count) {
      swept ??= sweep();
      await swept;
      const token = randomBytes(16).toString("hex");
      const key = keyFor(name, token);
      const uploadId = await bucket.startUpload(key, false);
      const urls = [];
      for (let number = 1; number <= count; number++) {
        urls.push(await bucket.signPart(key, uploadId, number, UPLOAD_SECONDS));
      }
      return { id: `${token}.${uploadId}`, urls };
    },

    async finishUpload(name, id, parts, maxBytes) {
      const { key, uploadId } = parseId(name, id);
      // An upload that is no longer there may have been finished by a request whose answer was lost.
      await join(name, key, uploadId, parts);
      const found = await inspect(name, key, maxBytes);
      if (found === undefined) throw unknownUpload(name, id);
      const { stored, etag } = found;
      await settle(stored, async () => {
        const source = { key, etag, sizeBytes: stored.sizeBytes };
        await copyObject(bucket, source, keyOf(stored.digest));
        return true;
      });
      await bucket.delete(key);
      return stored;
    },

    async abortUpload(name, id) {
      const { key, uploadId } = parseId(name, id);
      await bucket.abortUpload(key, uploadId);
      await bucket.delete(key);
    },

    addressOf: (digest, seconds) => bucket.signGet(keyOf(digest), seconds),
  };
}

function unknownUpload(name: string, id: string): DuetMindError {
  return new DuetMindError("NOT_FOUND", `${name}: expected an upload that was begun, got "${id}"`);
}
