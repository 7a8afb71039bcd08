import { z } from "zod";
import { memoryParams } from "../agent-memory/params.ts";
import { artifactsParams } from "../artifacts/params.ts";
import { parseWith } from "../core/parse.ts";
import { VERSION } from "../core/version.ts";
import { featuresParams } from "../features/params.ts";
import { splitParams } from "../features/split-params.ts";
import { modelParams } from "../models/params.ts";
import { thresholdParams } from "../models/threshold-params.ts";
import { sourcesParams } from "../sources/params.ts";
import { databaseParams } from "../store/params.ts";
import { trackingParams } from "../tracking/params.ts";

import { qualityParams } from "./quality-gate.ts";

const folder = z.string().min(1);

/** Folders of the stages' outputs, relative to params.yaml. */
const dataParams = z.strictObject({
  raw: folder.default("data/raw"),
  processed: folder.default("data/processed"),
  models: folder.default("models"),
});

/** Contract files: one for each raw dataset that has one, and for what `features` makes. */
const contractsParams = z.strictObject({
  raw: z.record(z.string(), z.string()).default({}),
  features: z.string().optional(),
  labels: z.string().optional(),
  split: z.string().optional(),
  /** Rows that a contract with drop_invalid_rows drops; in clear, mode 0600. */
  quarantine: folder.default(".duetmind/quarantine"),
});

const vectorParams = z.strictObject({
  dimensions: z.int().min(1).max(16_000).default(384),
});

const driftParams = z.strictObject({
  threshold: z.number().positive().default(0.2),
});

/** All of params.yaml. Every section parses on its own, so that defaults fill what is absent. */
export const paramsSchema = z.strictObject({
  duetmind: z
    .string()
    .regex(/^\d+\.\d+\.\d+/)
    .default(VERSION)
    .describe("version of DuetMind that wrote this file"),
  data: dataParams.prefault({}),
  sources: sourcesParams,
  contracts: contractsParams.prefault({}),
  quality: qualityParams.prefault({}),
  features: featuresParams,
  split: splitParams.prefault({}),
  model: modelParams,
  thresholds: thresholdParams.prefault({}),
  tracking: trackingParams.prefault({}),
  database: databaseParams.prefault({}),
  artifacts: artifactsParams.prefault({}),
  vector: vectorParams.prefault({}),
  memory: memoryParams.prefault({}),
  drift: driftParams.prefault({}),
});

export type Params = Readonly<z.infer<typeof paramsSchema>>;

const FILE = { code: "CONFIG_INVALID", file: "params.yaml" } as const;

export function parseParams(input: unknown): Params {
  return parseWith(paramsSchema, input, FILE.file, FILE);
}

/** What a server and the memory of agents read of it: the sections of a pipeline may be absent. */
const serverParamsSchema = paramsSchema.partial({ sources: true, features: true, model: true });
export type ServerParams = Readonly<z.infer<typeof serverParamsSchema>>;

export function parseServerParams(input: unknown): ServerParams {
  return parseWith(serverParamsSchema, input, FILE.file, FILE);
}
