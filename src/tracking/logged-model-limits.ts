import { DuetMindError } from "../core/errors.ts";
import {
  assertLength,
  cutText,
  MAX_KEY,
  MAX_PARAM_VALUE,
  MAX_TAG_VALUE,
  withNul,
} from "./limits.ts";
import type { Entry } from "./log-batch.ts";

export const MAX_LOGGED_MODEL_NAME = 500;
const MAX_MODEL_TYPE = 500;
const MAX_RUN_ID = 256;

export function assertLoggedModel(
  model: Readonly<{ name: string; modelType: string; sourceRunId: string }>,
): void {
  const { name, modelType, sourceRunId } = model;
  if (/[/:.%"']/.test(name)) {
    throw new DuetMindError(
      "BAD_INPUT",
      `Invalid model name ('${name.slice(0, 500)}') provided. Model name must be a non-empty string and cannot contain the following characters: / : . % " '`,
    );
  }
  assertStored(name, MAX_LOGGED_MODEL_NAME, "Model name");
  assertStored(modelType, MAX_MODEL_TYPE, "Model type");
  assertStored(sourceRunId, MAX_RUN_ID, "Source run ID");
}

export function assertStored(text: string, maxCharacters: number, what: string): void {
  assertLength(text, maxCharacters, what);
  if (text.includes("\0")) throw withNul(what);
}

/** Keys may hold any character, unlike a run's; values that are too long are cut, as a run's are. */
export function toStoredParams(params: readonly Entry[]): Entry[] {
  return params.map((param) => toStored(param, MAX_PARAM_VALUE));
}

export function toStoredTags(tags: readonly Entry[]): Entry[] {
  return tags.map((tag) => toStored(tag, MAX_TAG_VALUE));
}

function toStored({ key, value }: Entry, maxCharacters: number): Entry {
  assertStored(key, MAX_KEY, "Key");
  if (value.includes("\0")) throw withNul(`Value of '${key}'`);
  return { key, value: cutText(value, maxCharacters) };
}
