import { z } from "zod";
import { S3_ADDRESS } from "./s3-address.ts";
import { s3ConnectionKeys } from "./s3-connection.ts";

const ARTIFACTS_URL = new RegExp(`^file:.+|${S3_ADDRESS.source}`);

/** Means the state folder, wherever that is. */
export const DEFAULT_ARTIFACTS_URL = "file:.duetmind/artifacts";

/** The `artifacts` section of params.yaml: where the bytes of datasets and models are kept. */
export const artifactsParams = z.strictObject({
  url: z
    .string()
    .regex(
      ARTIFACTS_URL,
      "expected a folder such as file:.duetmind/artifacts or a bucket such as s3://bucket/prefix",
    )
    .default(DEFAULT_ARTIFACTS_URL)
    .describe(
      "Where objects are kept: file:FOLDER, relative to params.yaml, or s3://BUCKET/PREFIX",
    ),
  ...s3ConnectionKeys,
});

export type ArtifactsParams = Readonly<z.infer<typeof artifactsParams>>;
