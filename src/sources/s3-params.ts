import { z } from "zod";
import { isS3Address, S3_ADDRESS } from "../artifacts/s3-address.ts";
import { s3ConnectionKeys } from "../artifacts/s3-connection.ts";

/** `s3:` of a source, beside a `path` such as `s3://bucket/prefix/*.parquet`. */
export const s3Params = z.strictObject({
  ...s3ConnectionKeys,
  anonymous: z
    .boolean()
    .default(false)
    .describe("Without credentials: for data that everybody may read"),
});

/** A file or glob on this machine, or a key or glob of keys in a bucket. */
export const sourcePath = z
  .string()
  .min(1)
  .refine(
    (path) => !isS3Address(path) || (S3_ADDRESS.exec(path)?.[2] ?? "") !== "",
    "expected s3://BUCKET/KEY or a glob of keys",
  );
