import { z } from "zod";

/** `2d`, `12h`, `30m`, `45s`; a plain number for a watermark that is a number. */
const lookback = z.union([
  z.number().nonnegative(),
  z.string().regex(/^\d+[smhdw]$/, "expected a number, or a time such as 2d, 12h or 30m"),
]);

/**
 * How a dataset grows. Without a watermark the unit is a file: new and changed files are read. With one
 * the unit is a row: those whose watermark is at least the greatest one seen, less the look-back.
 */
export const incrementalParams = z.strictObject({
  watermark: z.string().min(1).optional(),
  lookback: lookback.optional(),
  mode: z.enum(["append", "upsert"]).default("append"),
});
export type IncrementalParams = Readonly<z.infer<typeof incrementalParams>>;
