import { z } from "zod";
import { memoryParams } from "../agent-memory/params.ts";
import { artifactsParams } from "../artifacts/params.ts";
import { DuetMindError } from "../core/errors.ts";
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

/**
 * All of params.yaml. Data, contracts, the catalogue, a server and the memory of agents need no feature
 * and no model. Every section parses on its own, so that defaults fill what is absent.
 */
export const baseParamsSchema = z.strictObject({
  duetmind: z
    .string()
    .regex(/^\d+\.\d+\.\d+/)
    .default(VERSION)
    .describe("version of DuetMind that wrote this file"),
  data: dataParams.prefault({}),
  sources: sourcesParams.prefault({}),
  contracts: contractsParams.prefault({}),
  quality: qualityParams.prefault({}),
  features: featuresParams.optional(),
  split: splitParams.prefault({}),
  model: modelParams.optional(),
  thresholds: thresholdParams.prefault({}),
  tracking: trackingParams.prefault({}),
  database: databaseParams.prefault({}),
  artifacts: artifactsParams.prefault({}),
  vector: vectorParams.prefault({}),
  memory: memoryParams.prefault({}),
  drift: driftParams.prefault({}),
});

export type BaseParams = Readonly<z.infer<typeof baseParamsSchema>>;

const paramsSchema = baseParamsSchema.extend({ features: featuresParams, model: modelParams });

/** What a whole pipeline needs, from raw data to a model. */
export type Params = Readonly<z.infer<typeof paramsSchema>>;

const FILE = { code: "CONFIG_INVALID", file: "params.yaml" } as const;

export function parseBaseParams(input: unknown): BaseParams {
  return parseWith(baseParamsSchema, input, FILE.file, FILE);
}

export function parseParams(input: unknown): Params {
  const base = parseBaseParams(input);
  for (const section of ["features", "model"] as const) {
    if (base[section] === undefined) throw missingSection(section);
  }
  return parseWith(paramsSchema, input, FILE.file, FILE);
}

function missingSection(section: string): DuetMindError {
  return new DuetMindError(
    "CONFIG_INVALID",
    `params.yaml: ${section}: expected this section, got none`,
    {
      file: FILE.file,
      path: section,
      hint: "features and models are made of the sections features: and model:, see docs/configuration.md; data and validate need neither",
    },
  );
}
