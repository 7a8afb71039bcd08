import type { Readable } from "node:stream";
import type * as Sdk from "@aws-sdk/client-s3";
import type { Effects } from "../core/effects.ts";
import type { Environment } from "../core/environment.ts";
import { throwIfInterrupted } from "../core/interrupted.ts";
import type { ByteRange } from "./object-store.ts";
import { createS3Client, S3_LIMITS, type S3Client, type S3Limits } from "./s3-client.ts";
import type { S3Connection } from "./s3-connection.ts";
import { fromS3Error, type S3Use } from "./s3-error.ts";

export type ObjectHead = Readonly<{
  sizeBytes: number;
  etag: string;
  /** Of the object's version, in a bucket that keeps versions. */
  version: string | null;
}>;

/** Bytes from `start` to the end, or to `end` included, of any version or of that one. */
export type ObjectPart = Readonly<{ start: number; end?: number; etag?: string }>;

export type ListedKey = Readonly<{ key: string; etag: string; sizeBytes: number }>;

/** Bytes and their SHA-256. */
export type CheckedBytes = Readonly<{ bytes: Uint8Array; sha256: Buffer }>;

/** When a write may take place: where nothing is, or over the version that was seen. */
export type WriteCondition = "absent" | Readonly<{ etag: string }>;

/** Parts that clients send come without a checksum. */
export type UploadedPart = Readonly<{ PartNumber: number; ETag: string; ChecksumSHA256?: string }>;

/** A version of an object, to be copied by the server. */
export type CopySource = Readonly<{ key: string; etag: string }>;

/** How the server encrypts what is written, in the words of S3; left out, the bucket decides. */
export type S3Encryption = Readonly<{
  ServerSideEncryption?: "AES256" | "aws:kms";
  SSEKMSKeyId?: string;
}>;

export type S3BucketOptions = Readonly<{
  bucket: string;
  connection: S3Connection;
  env: Environment;
  use: S3Use;
  limits?: S3Limits;
  encryption?: S3Encryption;
}>;

export type S3Bucket = ReturnType<typeof openS3Bucket>;

/**
 * The requests that DuetMind makes of a bucket. Each is tried a few times, ends when the person stops
 * the work, and fails with an error that names the object. No connection is made before the first.
 */
export function openS3Bucket(options: S3BucketOptions, effects: Effects) {
  const { bucket, use, limits = S3_LIMITS, encryption = {} } = options;
  let opened: Promise<S3Client> | undefined;

  async function request<T>(
    key: string,
    task: string,
    work: (s3: S3Client, cancel: Readonly<{ abortSignal: AbortSignal }>) => Promise<T>,
    signal = effects.signal,
  ): Promise<T> {
    throwIfInterrupted(signal);
    try {
      opened ??= createS3Client(options.connection, options.env, limits);
      // A signal of its own: on a shared one, many requests at once look like a leak of listeners.
      return await work(await opened, { abortSignal: AbortSignal.any([signal]) });
    } catch (error) {
      throwIfInterrupted(signal);
      throw toError(error, key, task);
    }
  }

  const toError = (error: unknown, key: string, task: string) =>
    fromS3Error(error, use, nameOf(key), task, effects.clock.now());

  /** What records and messages call an object. */
  const nameOf = (key: string) => `s3://${bucket}/${key}`;

  return {
    limits,
    nameOf,
    toError,

    /** What is known of an object without reading it; undefined when there is none. */
    head(key: string): Promise<ObjectHead | undefined> {
      return request(key, "find the object", ({ sdk, client }, cancel) =>
        unlessAbsent(async () => {
          const input = { Bucket: bucket, Key: key };
          try {
            return toHead(await client.send(new sdk.HeadObjectCommand(input), cancel));
          } catch (error) {
            if (!NO_REASON.has(statusOf(error) ?? 0)) throw error;
            const answer = await client.send(new sdk.GetObjectCommand(input), cancel);
            (answer.Body as Readable).destroy();
            return toHead(answer);
          }
        }),
      );
    },

    /**
     * The bytes, or a part of them; undefined when there is no object, or no longer that version. Where
     * rows come from, the whole is held to the checksum that the server keeps; artifacts are held to
     * their SHA-256 by the reader.
     */
    get(key: string, part?: ObjectPart) {
      return request(key, "read the object", ({ sdk, client }, cancel) =>
        unlessAbsent(async () => {
          const rest = part === undefined ? {} : toPartHeaders(part);
          const isWhole = part === undefined && use === "SOURCE";
          const check = isWhole ? ({ ChecksumMode: "ENABLED" } as const) : {};
          const input = { Bucket: bucket, Key: key, ...rest, ...check };
          const answer = await client.send(new sdk.GetObjectCommand(input), cancel);
          const body = answer.Body as Readable;
          body.on("error", () => {}); // for its reader, who may come later; unheard it ends the process
          return { ...toHead(answer), body };
        }),
      );
    },

    /** Writes an object in one request; false when the condition does not hold. */
    put(key: string, content: CheckedBytes, condition: WriteCondition | "any"): Promise<boolean> {
      return request(key, "write the object", ({ sdk, client }, cancel) =>
        unlessConflict(async () => {
          const object = { Bucket: bucket, Key: key, Body: content.bytes };
          const checks = { ChecksumSHA256: content.sha256.toString("base64") };
          const input = { ...object, ...checks, ...encryption, ...toHeaders(condition) };
          requireS3((await client.send(new sdk.PutObjectCommand(input), cancel)).ETag);
        }),
      );
    },

    /** With `checksums` each part has its SHA-256 for the server to check. */
    startUpload(key: string, checksums: boolean): Promise<string> {
      return request(key, "begin an upload", async ({ sdk, client }, cancel) => {
        const object = { Bucket: bucket, Key: key, ...encryption };
        const input = { ...object, ...(checksums ? { ChecksumAlgorithm: "SHA256" as const } : {}) };
        const begun = await client.send(new sdk.CreateMultipartUploadCommand(input), cancel);
        return requireS3(begun.UploadId);
      });
    },

    putPart(
      key: string,
      uploadId: string,
      number: number,
      part: CheckedBytes,
      signal: AbortSignal,
    ) {
      const ChecksumSHA256 = part.sha256.toString("base64");
      return request(
        key,
        `write part ${number}`,
        async ({ sdk, client }, cancel): Promise<UploadedPart> => {
          const input = { Bucket: bucket, Key: key, UploadId: uploadId, PartNumber: number };
          const command = new sdk.UploadPartCommand({ ...input, Body: part.bytes, ChecksumSHA256 });
          const { ETag } = await client.send(command, cancel);
          return { PartNumber: number, ETag: requireS3(ETag), ChecksumSHA256 };
        },
        signal,
      );
    },

    /** Makes the parts an object; false when the condition does not hold. */
    finishUpload(
      key: string,
      uploadId: string,
      parts: readonly UploadedPart[],
      condition: WriteCondition | "any",
    ): Promise<boolean> {
      return request(key, "finish the upload", ({ sdk, client }, cancel) =>
        unlessConflict(async () => {
          const headers = toHeaders(condition);
          const input = { Bucket: bucket, Key: key, UploadId: uploadId, ...headers };
          const MultipartUpload = { Parts: [...parts] };
          const command = new sdk.CompleteMultipartUploadCommand({ ...input, MultipartUpload });
          requireS3((await client.send(command, cancel)).ETag);
        }),
      );
    },

    /** Done even when the work was stopped: what was uploaded would cost its room for ever. */
    abortUpload(key: string, uploadId: string): Promise<void> {
      const input = { Bucket: bucket, Key: key, UploadId: uploadId };
      return request(
        key,
        "abort an upload",
        ({ sdk, client }) =>
          unlessAbsent(async () => {
            await client.send(new sdk.AbortMultipartUploadCommand(input));
          }),
        NEVER,
      );
    },

    /** Uploads that were begun and neither finished nor aborted. */
    async *listUploads(prefix: string) {
      let marker: Readonly<{ KeyMarker?: string; UploadIdMarker?: string }> | undefined = {};
      while (marker !== undefined) {
        const input: Sdk.ListMultipartUploadsCommandInput = {
          Bucket: bucket,
          Prefix: prefix,
          ...marker,
        };
        const page: Sdk.ListMultipartUploadsCommandOutput = await request(
          prefix,
          "list uploads",
          ({ sdk, client }, cancel) =>
            client.send(new sdk.ListMultipartUploadsCommand(input), cancel),
        );
        for (const { Key, UploadId, Initiated } of page.Uploads ?? []) {
          yield { key: Key!, uploadId: UploadId!, startedAt: Initiated! };
        }
        const { IsTruncated, NextKeyMarker = "", NextUploadIdMarker = "" } = page;
        marker =
          IsTruncated === true
            ? { KeyMarker: NextKeyMarker, UploadIdMarker: NextUploadIdMarker }
            : undefined;
      }
    },

    /** Every key with this prefix, in the order of their bytes, a page of a thousand at a time. */
    async *list(prefix: string): AsyncGenerator<ListedKey & Readonly<{ modifiedAt: Date }>> {
      let token: string | undefined;
      do {
        const next = token === undefined ? {} : { ContinuationToken: token };
        const input = { Bucket: bucket, Prefix: prefix, ...next };
        const page = await request(prefix, "list objects", async ({ sdk, client }, cancel) => {
          const answer = await client.send(new sdk.ListObjectsV2Command(input), cancel);
          requireS3(answer.Name);
          return answer;
        });
        for (const { Key, ETag, Size, LastModified } of page.Contents ?? []) {
          const modifiedAt = LastModified ?? new Date(0);
          yield { key: Key!, etag: ETag ?? "", sizeBytes: Size ?? 0, modifiedAt };
        }
        token = page.NextContinuationToken;
      } while (token !== undefined);
    },

    /** An address by which somebody without credentials may send a part, for so long. */
    signPart(key: string, uploadId: string, number: number, seconds: number): Promise<string> {
      return request(key, "sign an address", async ({ sdk, client }) => {
        const input = { Bucket: bucket, Key: key, UploadId: uploadId, PartNumber: number };
        const { getSignedUrl } = await import("@aws-sdk/s3-request-presigner");
        return getSignedUrl(client, new sdk.UploadPartCommand(input), { expiresIn: seconds });
      });
    },

    /** An address by which somebody without credentials may read an object, for so long. */
    signGet(key: string, seconds: number): Promise<string> {
      return request(key, "sign an address", async ({ sdk, client }) => {
        const input = { Bucket: bucket, Key: key };
        const { getSignedUrl } = await import("@aws-sdk/s3-request-presigner");
        return getSignedUrl(client, new sdk.GetObjectCommand(input), { expiresIn: seconds });
      });
    },

    /** Copies a version of an object inside the bucket, in one request: up to 5 GiB. */
    async copy(source: CopySource, key: string): Promise<void> {
      await request(key, "copy the object", async ({ sdk, client }, cancel) => {
        const object = { Bucket: bucket, Key: key, ...toCopyHeaders(bucket, source) };
        const command = new sdk.CopyObjectCommand({ ...object, ...encryption });
        requireS3((await client.send(command, cancel)).CopyObjectResult?.ETag);
      });
    },

    /** Copies a range of an object into a part of an upload. */
    copyPart(source: CopySource, range: ByteRange, key: string, uploadId: string, number: number) {
      return request(
        key,
        `copy part ${number}`,
        async ({ sdk, client }, cancel): Promise<UploadedPart> => {
          const part = { Bucket: bucket, Key: key, UploadId: uploadId, PartNumber: number };
          const CopySourceRange = `bytes=${range.start}-${range.end}`;
          const input = { ...part, ...toCopyHeaders(bucket, source), CopySourceRange };
          const copied = await client.send(new sdk.UploadPartCopyCommand(input), cancel);
          return { PartNumber: number, ETag: requireS3(copied.CopyPartResult?.ETag) };
        },
      );
    },

    /** Deletes an object; one that is not there is no failure. */
    async delete(key: string): Promise<void> {
      await request(key, "delete the object", ({ sdk, client }, cancel) =>
        client.send(new sdk.DeleteObjectCommand({ Bucket: bucket, Key: key }), cancel),
      );
    },
  };
}

const NEVER = new AbortController().signal;

function toHead(answer: Sdk.HeadObjectCommandOutput | Sdk.GetObjectCommandOutput): ObjectHead {
  return {
    sizeBytes: answer.ContentLength ?? 0,
    etag: requireS3(answer.ETag),
    version: answer.VersionId ?? null,
  };
}

/** A page that welcomes guests of a network answers 200 to anything, but with nothing that S3 says. */
function requireS3(said: string | undefined): string {
  if (said !== undefined) return said;
  throw Object.assign(new Error("not S3"), { $metadata: { httpStatusCode: 200 } });
}

function toPartHeaders({ start, end, etag }: ObjectPart) {
  const range = { Range: `bytes=${start}-${end ?? ""}` };
  return etag === undefined ? range : { ...range, IfMatch: etag };
}

function toCopyHeaders(bucket: string, { key, etag }: CopySource) {
  const CopySource = [bucket, ...key.split("/")].map(encodeURIComponent).join("/");
  return { CopySource, CopySourceIfMatch: etag };
}

function toHeaders(condition: WriteCondition | "any") {
  if (condition === "any") return {};
  return condition === "absent" ? { IfNoneMatch: "*" } : { IfMatch: condition.etag };
}

/** A missing object, upload or version is an answer; a missing bucket or user is an error. */
async function unlessAbsent<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (statusOf(error) === 412 || ABSENT.has((error as Error).name)) return undefined;
    throw error;
  }
}

/**
 * 409 is two conditional writes at the same moment, and an upload that is not there was finished by a
 * request whose answer was lost: either way the writer looks what is there.
 */
async function unlessConflict(write: () => Promise<void>): Promise<boolean> {
  try {
    await write();
    return true;
  } catch (error) {
    const { name } = error as Error;
    if (statusOf(error) === 412 || LOST_RACES.has(name)) return false;
    throw error;
  }
}

/**
 * An answer to HEAD has no body, so a refusal has no reason, and no region to go to. Beginning to read
 * gets them told.
 */
const NO_REASON = new Set([301, 307, 400, 403]);
const ABSENT = new Set(["NoSuchKey", "NoSuchUpload", "NotFound"]);
const LOST_RACES = new Set(["ConditionalRequestConflict", "NoSuchUpload"]);

function statusOf(error: unknown): number | undefined {
  return (error as { $metadata?: { httpStatusCode?: number } } | null)?.$metadata?.httpStatusCode;
}
