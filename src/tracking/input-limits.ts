import type { RunInput } from "./input-queries.ts";
import { assertLength } from "./limits.ts";

export const MAX_DATASET_NAME = 500;
export const MAX_DATASET_DIGEST = 36;
export const MAX_DATASET_SOURCE = 65_535;
export const MAX_DATASET_SCHEMA = 1_048_575;
export const MAX_DATASET_PROFILE = 16_777_215;
export const MAX_INPUT_TAG_KEY = 255;
export const MAX_INPUT_TAG_VALUE = 500;
export const MAX_MODEL_ID = 255;

/** Refuses a dataset input that MLflow refuses. */
export function assertInput(input: RunInput): void {
  assertLength(input.name, MAX_DATASET_NAME, "Dataset name");
  assertLength(input.digest, MAX_DATASET_DIGEST, "Dataset digest");
  assertLength(input.sourceType, MAX_DATASET_NAME, "Dataset source type");
  assertLength(input.source, MAX_DATASET_SOURCE, "Dataset source");
  assertLength(input.schema ?? "", MAX_DATASET_SCHEMA, "Dataset schema");
  assertLength(input.profile ?? "", MAX_DATASET_PROFILE, "Dataset profile");
  for (const { key, value } of input.tags) {
    assertLength(key, MAX_INPUT_TAG_KEY, "Input tag key");
    assertLength(value, MAX_INPUT_TAG_VALUE, "Input tag value");
  }
}

export function assertModelId(modelId: string): void {
  assertLength(modelId, MAX_MODEL_ID, "model_id");
}
