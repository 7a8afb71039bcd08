import { z } from "zod";
import { parseWith } from "../core/parse.ts";
import { isS3Address, S3_ADDRESS } from "./s3-address.ts";
import { s3ConnectionKeys } from "./s3-connection.ts";

const ARTIFACTS_URL = new RegExp(`^file:.+|${S3_ADDRESS.source}`);

/** Means the state folder, wherever that is. */
export const DEFAULT_ARTIFACTS_URL = "file:.duetmind/artifacts";

/** The `artifacts` section of params.yaml: where the bytes of datasets and models are kept. */
export const artifactsParams = z
  .strictObject({
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
    server_side_encryption: z
      .enum(["AES256", "aws:kms"])
      .optional()
      .describe("How the server encrypts what is written; default: what the bucket says"),
    kms_key_id: z
      .string()
      .min(1)
      .optional()
      .describe("Key of aws:kms; default: the one that the account has for S3"),
  })
  .refine(
    (params) => params.kms_key_id === undefined || params.server_side_encryption === "aws:kms",
    { message: "expected server_side_encryption: aws:kms beside it", path: ["kms_key_id"] },
  )
  .refine((params) => params.server_side_encryption === undefined || isS3Address(params.url), {
    message: "expected an url of s3://BUCKET beside it",
    path: ["server_side_encryption"],
  });

export type ArtifactsParams = Readonly<z.infer<typeof artifactsParams>>;

/** The same place, or the one that an option of a command names. */
export function placeOfArtifacts(params: ArtifactsParams, url: unknown): ArtifactsParams {
  if (url === undefined) return params;
  return parseWith(artifactsParams, { ...params, url }, "--artifacts");
}
