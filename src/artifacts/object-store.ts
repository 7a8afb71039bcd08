import type { Readable } from "node:stream";
import type { Digest } from "../core/hash.ts";

export type StoredObject = Readonly<{ digest: Digest; sizeBytes: number }>;

/** Bytes to store: a file, or a stream of chunks. */
export type ObjectSource =
  | Readonly<{ path: string }>
  | Readonly<{ stream: AsyncIterable<Uint8Array> }>;

/**
 * Bytes kept under their own SHA-256. An object appears whole or not at all, never changes, and is
 * checked whenever it is written or read, so a name is also a proof.
 */
export type ObjectStore = Readonly<{
  /** Stores bytes and says their digest; with `expected` other bytes are refused (CHECKSUM_MISMATCH). */
  put(source: ObjectSource, expected?: Digest): Promise<StoredObject>;
  /** The bytes; the stream fails with CHECKSUM_MISMATCH at its end if they are not the object's. */
  get(digest: Digest): Promise<Readable>;
  /** Writes a private copy to a path, whole or not at all, after checking its bytes. */
  copyTo(digest: Digest, path: string): Promise<void>;
  has(digest: Digest): Promise<boolean>;
  /** Every object, in the order of their digests. */
  list(): AsyncIterable<StoredObject>;
  /** Says whether there was such an object. */
  delete(digest: Digest): Promise<boolean>;
}>;
