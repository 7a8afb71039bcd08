import { z } from "zod";
import { associationParams } from "./associations/params.ts";
import { embeddingParams } from "./embedding/params.ts";
import { lifeCycleParams } from "./life-cycle/params.ts";
import { privacyParams } from "./privacy/params.ts";
import { retrievalParams } from "./retrieval/params.ts";

/** params.yaml: `memory`. */
export const memoryParams = z.strictObject({
  /** Whose memory the command line and the library ask for, unless they are told. */
  tenant: z.string().min(1).max(200).default("default"),
  agent: z.string().min(1).max(200).default("default"),
  /** The longest text that one memory may have, in bytes of UTF-8. */
  max_content_bytes: z.int().min(1).max(999_999).default(262_144),
  max_metadata_bytes: z.int().min(2).max(999_999).default(65_536),
  /** How long what was forgotten softly is kept before it is deleted. */
  keep_forgotten_days: z.int().min(0).max(36_500).default(30),
  embedding: embeddingParams.prefault({}),
  ...privacyParams,
  associations: associationParams.prefault({}),
  life_cycle: lifeCycleParams.prefault({}),
  retrieval: retrievalParams.prefault({}),
});

export type MemoryParams = Readonly<z.infer<typeof memoryParams>>;
