import { z } from "zod";

/** The model that comes with DuetMind; anything else names a folder. */
export const MINILM = "minilm";

/** params.yaml: `memory.embedding`: what turns texts into vectors. */
export const embeddingParams = z
  .strictObject({
    /** `minilm`, or a folder with model.onnx and tokenizer.json. */
    model: z.string().min(1).default(MINILM),
    /** `auto` is native where onnxruntime-node is installed, else wasm. */
    runtime: z.enum(["auto", "native", "wasm"]).default("auto"),
    /** Of `minilm`: int8 is 3 × faster than fp32 and a quarter of its size, and as good. */
    dtype: z.enum(["int8", "fp32"]).default("int8"),
    /** Texts that are embedded at the same time, each on a thread of its own. */
    threads: z.union([z.literal("auto"), z.int().min(1).max(64)]).default("auto"),
    /** A longer text becomes several chunks. */
    max_tokens: z.int().min(16).max(8192).default(256),
    /** How much of a chunk is said again at the start of the next. */
    overlap_tokens: z.int().min(0).max(1024).default(32),
  })
  .refine((params) => params.overlap_tokens <= params.max_tokens / 4, {
    path: ["overlap_tokens"],
    error: "expected at most a quarter of max_tokens",
  });

export type EmbeddingParams = Readonly<z.infer<typeof embeddingParams>>;
