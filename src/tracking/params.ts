import { z } from "zod";

/** The `tracking` section of params.yaml. */
export const trackingParams = z.strictObject({
  experiment: z
    .string()
    .min(1)
    .max(500)
    .default("Default")
    .describe("Name of the experiment that runs belong to; made at first use"),
});

export type TrackingParams = Readonly<z.infer<typeof trackingParams>>;
