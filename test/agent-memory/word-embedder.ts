import type { TextEmbedder } from "../../src/agent-memory/text-embedder.ts";
import { digestBytes, digestHex } from "../../src/core/hash.ts";

const DIMENSIONS = 384;

/** Bag of words, each a fixed direction: quick, and texts with the same words are near. */
export function wordEmbedder(fingerprint = "words"): TextEmbedder & { texts: string[] } {
  const texts: string[] = [];
  return {
    fingerprint,
    model: "bag of words",
    runtime: "native",
    dimensions: DIMENSIONS,
    texts,
    embed: async (given) => {
      texts.push(...given);
      return given.map((text) => [vectorOf(text)]);
    },
    embedQuery: async (text) => vectorOf(text),
    close: async () => {},
  };
}

function vectorOf(text: string): Float32Array {
  const sum = new Float32Array(DIMENSIONS);
  for (const word of text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? ["-"]) {
    const at = Number.parseInt(digestHex(digestBytes(word)).slice(0, 8), 16) % DIMENSIONS;
    sum[at] = sum[at]! + 1;
  }
  const length = Math.hypot(...sum);
  return sum.map((value) => value / length);
}
