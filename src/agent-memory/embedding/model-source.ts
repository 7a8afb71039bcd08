import type { TextTokens } from "./text-tokens.ts";

/** A model as files gave it, before a runtime has it. */
export type ModelSource = Readonly<{
  /** For people. */
  name: string;
  /** Digests of what its vectors come from. */
  parts: Readonly<Record<string, string | number>>;
  graph: Uint8Array;
  /** The file that the graph is, or was made from: for messages. */
  file: string;
  tokens: TextTokens;
  /** What makes one vector of those of the tokens, where the graph does not. */
  pooling: Pooling;
  /** The longest text that it has places for, where that is known. */
  positions?: number;
}>;

export type Pooling = "mean" | "first";
