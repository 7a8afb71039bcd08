import { z } from "zod";

/** The `artifacts` section of params.yaml: where the bytes of datasets and models are kept. */
export const artifactsParams = z.strictObject({
  url: z
    .string()
    .regex(/^file:.+/, "expected a folder such as file:.duetmind/artifacts")
    .default("file:.duetmind/artifacts")
    .describe("Where objects are kept: file:FOLDER, relative to params.yaml"),
});

export type ArtifactsParams = Readonly<z.infer<typeof artifactsParams>>;
