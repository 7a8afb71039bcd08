import { type Digest, digestJson } from "../core/hash.ts";

/** What makes two memories of a session one: equal content and equal metadata. */
export function contentDigest(
  memory: Readonly<{ content: string; metadata?: Readonly<Record<string, unknown>> }>,
): Digest {
  return digestJson([memory.content, memory.metadata ?? {}]);
}
