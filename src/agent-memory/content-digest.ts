import { canonicalJson } from "../core/canonical-json.ts";
import { digestJson } from "../core/hash.ts";
import type { ContentSeal } from "./privacy/seal-content.ts";

/**
 * What makes two memories of a session one: equal content and equal metadata. Where content is sealed
 * the digest is keyed: a digest in clear would tell who guesses the text that they are right.
 */
export function contentDigest(
  memory: Readonly<{ content: string; metadata?: Readonly<Record<string, unknown>> }>,
  seal: ContentSeal | undefined,
): string {
  const parts = [memory.content, memory.metadata ?? {}];
  return seal === undefined ? digestJson(parts) : seal.digest(canonicalJson(parts));
}
