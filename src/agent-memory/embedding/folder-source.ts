import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import { z } from "zod";
import { DuetMindError } from "../../core/errors.ts";
import { nodeFiles } from "../../core/files.ts";
import { digestBytes } from "../../core/hash.ts";
import { parseJson } from "../../core/json.ts";
import { parseWith } from "../../core/parse.ts";
import type { ModelSource, Pooling } from "./model-source.ts";
import { createTextTokens } from "./text-tokens.ts";

/** What sentence-transformers keeps in 1_Pooling/config.json. */
const poolingConfig = z.looseObject({
  pooling_mode_cls_token: z.boolean().default(false),
  pooling_mode_mean_tokens: z.boolean().default(false),
});

const modelConfig = z.looseObject({ max_position_embeddings: z.int().positive().optional() });

/**
 * A model of the user's: a folder with model.onnx and tokenizer.json, and where they are there,
 * config.json (how long a text may be) and 1_Pooling/config.json (mean of the tokens or the first).
 */
export async function openModelFolder(folder: string): Promise<ModelSource> {
  const file = join(folder, "model.onnx");
  const tokenizer = join(folder, "tokenizer.json");
  const graph = await nodeFiles.readBytes(file);
  const tokenizerBytes = await nodeFiles.readBytes(tokenizer);
  const config = await readConfig(join(folder, "config.json"), modelConfig);
  const pooling = await readPooling(join(folder, "1_Pooling", "config.json"));
  const positions = config?.max_position_embeddings;
  return {
    name: basename(folder),
    parts: { graph: digestBytes(graph), tokenizer: digestBytes(tokenizerBytes), pooling },
    graph,
    file,
    tokens: createTextTokens(tokenizerBytes, tokenizer),
    pooling,
    ...(positions === undefined ? {} : { positions }),
  };
}

async function readPooling(path: string): Promise<Pooling> {
  const config = await readConfig(path, poolingConfig);
  if (config === undefined || config.pooling_mode_mean_tokens) return "mean";
  if (config.pooling_mode_cls_token) return "first";
  throw new DuetMindError(
    "NOT_SUPPORTED",
    `${path}: expected pooling by the mean of the tokens or by the first token, got another`,
    { file: path },
  );
}

async function readConfig<T>(path: string, schema: z.ZodType<T>): Promise<T | undefined> {
  if (!existsSync(path)) return undefined;
  const json = parseJson(await nodeFiles.readBytes(path), path);
  return parseWith(schema, json, path, { file: path });
}
