import { z } from "zod";

/**
 * How a bucket is reached, the same for the artifact store and for sources. Credentials are never
 * here: they come from the environment, `.env` or the chain that every AWS tool follows.
 */
export const s3ConnectionKeys = {
  endpoint: z
    .string()
    .regex(
      /^https?:\/\/[^/@?#\s]+[^@?#\s]*$/,
      "expected an address such as https://minio.example:9000, without a user or a query",
    )
    .optional()
    .describe("Address of a server that is not AWS, such as MinIO; default: AWS_ENDPOINT_URL"),
  region: z
    .string()
    .regex(/^[a-z0-9-]+$/, "expected a region such as eu-central-1")
    .optional()
    .describe("Default: AWS_REGION, then the profile, then us-east-1 with an endpoint"),
  path_style: z
    .boolean()
    .optional()
    .describe("endpoint/bucket/key instead of bucket.endpoint/key; default: true with an endpoint"),
};

export type S3Connection = Readonly<{
  endpoint?: string | undefined;
  region?: string | undefined;
  path_style?: boolean | undefined;
  /** No credentials and no signature: public data. */
  anonymous?: boolean | undefined;
  /** Whose certificates are taken: anybody's, or those that a file of authorities vouches for. */
  trust?: "anybody" | Readonly<{ authorities: string }> | undefined;
}>;
