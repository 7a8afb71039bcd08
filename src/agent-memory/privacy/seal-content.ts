import { createHmac } from "node:crypto";
import { DuetMindError } from "../../core/errors.ts";
import { sealBytes, unsealBytes } from "../../core/seal-bytes.ts";
import {
  deriveKeys,
  type KeyProvider,
  MEMORY_KEY_VARIABLE,
  type MemoryKey,
} from "./memory-keys.ts";

/**
 * Content that the database keeps without being able to read it: AES-256-GCM, bound to the tenant and
 * the memory's id, so that a sealed text is of use in its own row only. What else would tell the
 * content (the digest of dedupe, the terms of lexical search) is an HMAC under the same key.
 *
 *     sealed = version 1, key id of 4 bytes, what sealBytes gives
 */
export type ContentSeal = Readonly<{
  seal(content: string, row: SealedRow): Buffer;
  unseal(sealed: Uint8Array, row: SealedRow): string;
  /** What begins each content that the current key sealed. */
  header: Buffer;
  /** The keyed digest of a text, `hmac:` and 64 hex digits. */
  digest(text: string): string;
  /** Names the current key; it gives nothing away. */
  keyId: string;
}>;

/** Where a sealed content stands. */
export type SealedRow = Readonly<{ tenant: string; id: string }>;

const VERSION = 1;
const HEADER_BYTES = 5;

/** A seal with the provider's keys; undefined where it has none: content is then stored in clear. */
export async function openContentSeal(provider: KeyProvider): Promise<ContentSeal | undefined> {
  const keys = deriveKeys(await provider());
  const [current] = keys;
  return current === undefined ? undefined : createContentSeal(current, keys);
}

function createContentSeal(current: MemoryKey, keys: readonly MemoryKey[]): ContentSeal {
  const header = Buffer.from([VERSION, ...Buffer.from(current.id, "hex")]);
  const byId = new Map(keys.map((key) => [key.id, key]));
  return {
    keyId: current.id,
    header,
    seal(content, row) {
      const sealed = sealBytes(current.sealing, Buffer.from(content, "utf8"), placeOf(row));
      return Buffer.concat([header, sealed]);
    },
    unseal(sealed, row) {
      const id = keyIdOf(sealed, row);
      const key = byId.get(id);
      if (key === undefined) throw missingKey(row, id, [...byId.keys()]);
      try {
        const bytes = unsealBytes(key.sealing, sealed.subarray(HEADER_BYTES), placeOf(row));
        return bytes.toString("utf8");
      } catch (cause) {
        throw new DuetMindError(
          "CHECKSUM_MISMATCH",
          `memory ${row.id}: expected the content that was sealed for it, got one that is damaged or another row's`,
          { cause, hint: "restore the row from a backup" },
        );
      }
    },
    digest: (text) => keyedDigest(current, text),
  };
}

/** What reading a sealed content without any key says. */
export function missingKey(row: SealedRow, keyId: string, known: readonly string[] = []) {
  const got =
    known.length === 0
      ? "no key"
      : `the ${known.length === 1 ? "key" : "keys"} ${known.join(", ")}`;
  return new DuetMindError(
    "CONFIG_INVALID",
    `memory ${row.id}: expected the key ${keyId} that its content was sealed with, got ${got}`,
    { hint: `add it to ${MEMORY_KEY_VARIABLE}, behind the current one` },
  );
}

/** Which key sealed a content. */
export function keyIdOf(sealed: Uint8Array, row: SealedRow): string {
  if (sealed[0] !== VERSION || sealed.length < HEADER_BYTES) {
    throw new DuetMindError(
      "CHECKSUM_MISMATCH",
      `memory ${row.id}: expected sealed content of version ${VERSION}, got ${sealed[0] ?? "nothing"}`,
    );
  }
  return Buffer.from(sealed.subarray(1, HEADER_BYTES)).toString("hex");
}

const placeOf = ({ tenant, id }: SealedRow) => `${tenant}|${id}`;

const keyedDigest = (key: MemoryKey, text: string) =>
  `hmac:${createHmac("sha256", key.digests).update(text, "utf8").digest("hex")}`;
