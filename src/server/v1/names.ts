import { z } from "zod";

/** Things in a path: their name, and the version of one. */
export const named = z.object({ name: z.string().min(1) });

export const versioned = z.object({
  name: z.string().min(1),
  version: z.coerce.number().int().min(1).max(2_147_483_647),
});
