import { z } from "zod";

export const DEFAULT_LIMIT = 100;
export const MAX_LIMIT = 1000;

/** What every list takes (reference: api.md, "Lists"). */
export const listQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(MAX_LIMIT).default(DEFAULT_LIMIT),
  page_token: z.string().optional().describe("next_page_token of the page before"),
  order_by: z.string().optional().describe("such as `created_at desc`"),
  filter: z.string().default("").describe("such as `name LIKE 'patient%'`"),
  count: z.enum(["true", "false"]).optional().describe("true: say how many there are in all"),
});

export type ListQuery = z.infer<typeof listQuery>;

/** A page of things. */
export function listOf<T extends z.ZodType>(item: T) {
  return z.object({
    items: z.array(item),
    next_page_token: z.string().nullable(),
    count: z.int().optional(),
  });
}
