import type { Readable } from "node:stream";
import type { Digest } from "../core/hash.ts";

export type StoredObject = Readonly<{ digest: Digest; sizeBytes: number }>;

/** Bytes to store: a file, or a stream of chunks. */
export type ObjectSource =
  | Readonly<{ path: string }>
  | Readonly<{ stream: AsyncIterable<Uint8Array> }>;

/** Bytes from `start` to `end`, both included, counted from 0. */
export type ByteRange = Readonly<{ start: number; end: number }>;

/** A part that a client has sent: the store said its ETag. */
export type SentPart = Readonly<{ number: number; etag: string }>;

/**
 * What clients may send to the store and get from it themselves, by addresses that are signed here. A
 * `name` is what the upload is for: it is finished or aborted by that name and the id that it was given.
 */
export type DirectTransfers = Readonly<{
  /** Begins an upload: its id, and an address for each part, by number from 1. */
  startUpload(name: string, parts: number): Promise<{ id: string; urls: readonly string[] }>;
  /** Makes the parts an object, which is read once for its digest; more than `maxBytes` are refused. */
  finishUpload(
    name: string,
    id: string,
    parts: readonly SentPart[],
    maxBytes: number | undefined,
  ): Promise<StoredObject>;
  /** Takes away what was sent; an upload that is not there is no failure. */
  abortUpload(name: string, id: string): Promise<void>;
  /** Where the bytes can be read from, for so long; ranges as well. */
  addressOf(digest: Digest, seconds: number): Promise<string>;
}>;

/**
 * Bytes kept under their own SHA-256. An object appears whole or not at all, never changes, and is
 * checked whenever it is written or read whole, so a name is also a proof.
 */
export type ObjectStore = Readonly<{
  /** Only where the store is a server that clients can reach. */
  direct?: DirectTransfers;
  /** Stores bytes and says their digest; with `expected` other bytes are refused (CHECKSUM_MISMATCH). */
  put(source: ObjectSource, expected?: Digest): Promise<StoredObject>;
  /**
   * The bytes; if they are not the object's the stream fails with CHECKSUM_MISMATCH, and its last
   * chunk does not come. A digest says nothing of a part, so a range is held to its length only.
   */
  get(digest: Digest, range?: ByteRange): Promise<Readable>;
  /** Writes a private copy to a path, whole or not at all, after checking its bytes. */
  copyTo(digest: Digest, path: string): Promise<void>;
  has(digest: Digest): Promise<boolean>;
  /** Every object, in the order of their digests. */
  list(): AsyncIterable<StoredObject>;
  /** Says whether there was such an object. */
  delete(digest: Digest): Promise<boolean>;
}>;
