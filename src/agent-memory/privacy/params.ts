import { z } from "zod";

/** params.yaml: what of `memory` is about privacy. */
export const privacyParams = {
  /** What is done to a text before it is stored: see redact-clinical.ts. */
  redaction: z.enum(["off", "clinical"]).default("off"),
  /** Names that clinical redaction finds wherever they stand, such as those of the staff. */
  redaction_names: z.array(z.string().min(1).max(200)).max(100_000).default([]),
  /** `required`: nothing is stored without a key to seal it with. */
  sealing: z.enum(["with-key", "required"]).default("with-key"),
  /** For how long what a session was shown is not stored again as new. */
  recall_minutes: z.number().min(0).max(525_600).default(60),
  /** Least cosine of a text to one that was shown for it to be the same, if its facts are. */
  recall_similarity: z.number().min(0.5).max(1).default(0.95),
};
