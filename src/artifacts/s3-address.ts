/** A place in a bucket: `s3://bucket/a/b` → bucket "bucket", key "a/b". */
export type S3Address = Readonly<{ bucket: string; key: string }>;

/** `s3://BUCKET`, `s3://BUCKET/` or `s3://BUCKET/KEY`; a name of a bucket has no capital letter. */
export const S3_ADDRESS = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/([^\0]*))?$/;

export function isS3Address(text: string): boolean {
  return text.startsWith("s3://");
}

/** Takes an address apart that a schema has accepted already. */
export function toS3Address(text: string): S3Address {
  const [, bucket = "", key = ""] = S3_ADDRESS.exec(text) ?? [];
  return { bucket, key };
}
