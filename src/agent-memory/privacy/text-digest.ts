import { digestBytes } from "../../core/hash.ts";
import { normaliseText } from "./normalise-text.ts";
import type { ContentSeal } from "./seal-content.ts";

/** The digest of what a text says, however it is written: keyed where content is sealed. */
export function textDigest(text: string, seal: ContentSeal | undefined): string {
  const normal = normaliseText(text);
  return seal === undefined ? digestBytes(normal) : seal.digest(normal);
}
