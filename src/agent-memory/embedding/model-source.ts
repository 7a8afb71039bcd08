import type { TextTokens } from "./text-tokens.ts";

/** Which model it is. */
export type ModelIdentity = Readonly<{
  /** For people. */
  name: string;
  /** Digests of what its vectors come from. */
  parts: Readonly<Record<string, string | number>>;
  /** What makes one vector of those of the tokens, where the graph does not. */
  pooling: Pooling;
  /** The longest text that it has places for, where that is known. */
  positions?: number;
}>;

/** A model as files gave it, before a runtime has it. */
export type ModelSource = ModelIdentity &
  Readonly<{
    graph: Uint8Array;
    /** The file that the graph is, or was made from: for messages. */
    file: string;
    tokens: TextTokens;
  }>;

export type Pooling = "mean" | "first";
