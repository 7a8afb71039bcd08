/** Turns texts into vectors of length 1; the vectors of two fingerprints are never compared. */
export type TextEmbedder = Readonly<{
  fingerprint: string;
  /** For people, such as "all-MiniLM-L6-v2". */
  model: string;
  runtime: "native" | "wasm";
  dimensions: number;
  /** For each text the vectors of its chunks, in order; at least one. */
  embed(texts: readonly string[]): Promise<Float32Array[][]>;
  embedQuery(text: string): Promise<Float32Array>;
  close(): Promise<void>;
}>;
