import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";

// AES-256-GCM: what one key sealed, in the place it was sealed for, and nothing else opens.
//
//     sealed = nonce of 12 bytes, ciphertext, tag of 16 bytes

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Seals bytes under a key of 32 bytes; `place` (such as a row's id) is bound in and not stored. */
export function sealBytes(key: Uint8Array, bytes: Uint8Array, place: string): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv("aes-256-gcm", key, nonce);
  cipher.setAAD(Buffer.from(place, "utf8"));
  return Buffer.concat([nonce, cipher.update(bytes), cipher.final(), cipher.getAuthTag()]);
}

/** The bytes again; throws where the key or the place is another, or a bit has changed. */
export function unsealBytes(key: Uint8Array, sealed: Uint8Array, place: string): Buffer {
  if (sealed.length < NONCE_BYTES + TAG_BYTES) throw new Error("too short to be sealed");
  const nonce = sealed.subarray(0, NONCE_BYTES);
  const decipher = createDecipheriv("aes-256-gcm", key, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(Buffer.from(place, "utf8"));
  decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
  const bytes = decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES));
  return Buffer.concat([bytes, decipher.final()]);
}
