import { z } from "zod";

/** params.yaml: `memory.associations`. */
export const associationParams = z.strictObject({
  /** Least cosine of two memories that are linked as `similar` by themselves; 1.01 is never. */
  similar_above: z.number().min(0.3).max(1.01).default(0.8),
  /** How many such links a new memory gets at most. */
  most_similar: z.int().min(0).max(100).default(10),
});

export type AssociationParams = Readonly<z.infer<typeof associationParams>>;
