import { DuetMindError } from "../../core/errors.ts";
import type { MemoryParams } from "../params.ts";
import { type KeyProvider, MEMORY_KEY_VARIABLE } from "./memory-keys.ts";
import type { RedactionHook } from "./redact.ts";
import { createClinicalRedaction } from "./redact-clinical.ts";
import { type ContentSeal, openContentSeal } from "./seal-content.ts";

/** What stands between a text and the database. */
export type MemoryPrivacy = Readonly<{
  /** Runs before a text is stored; undefined leaves it as it is. */
  redact: RedactionHook | undefined;
  /** Undefined stores content in clear. */
  seal: ContentSeal | undefined;
}>;

export type PrivacyOptions = Readonly<{
  params: MemoryParams;
  keys: KeyProvider;
  /** In place of what `memory.redaction` names. */
  redact?: RedactionHook;
}>;

/** Makes ready what the settings ask for; keys are asked for now, so that a wrong one is told at once. */
export async function openMemoryPrivacy(options: PrivacyOptions): Promise<MemoryPrivacy> {
  const { params, keys } = options;
  const seal = await openContentSeal(keys);
  if (seal === undefined && params.sealing === "required") {
    throw new DuetMindError(
      "CONFIG_INVALID",
      `${MEMORY_KEY_VARIABLE}: expected a key, for memory.sealing is "required", got none`,
      { hint: "make one with: openssl rand -base64 32" },
    );
  }
  const clinical =
    params.redaction === "clinical" ? createClinicalRedaction(params.redaction_names) : undefined;
  return { redact: options.redact ?? clinical, seal };
}

/** For a memory that keeps texts as they come. */
export const NO_PRIVACY: MemoryPrivacy = { redact: undefined, seal: undefined };
