import type { Readable } from "node:stream";
import type { Digest } from "../core/hash.ts";

export type StoredObject = Readonly<{ digest: Digest; sizeBytes: number }>;

/** Bytes to store: a file, or a stream of chunks. */
export type ObjectSource =
  | Readonly<{ path: string }>
  | Readonly<{ stream: AsyncIterable<Uint8Array> }>;

/** Bytes from `start` to `end`, both included, counted from 0. */
export type ByteRange = Readonly<{ start: number; end: number }>;

/**
 * Bytes kept under their own SHA-256. An object appears whole or not at all, never changes, and is
 * checked whenever it is written or read whole, so a name is also a proof.
 */
export type ObjectStore = Readonly<{
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
