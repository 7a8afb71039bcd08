import { createWriteStream, existsSync, readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { toS3Address } from "../artifacts/s3-address.ts";
import { type ListedKey, openS3Bucket, type S3Bucket } from "../artifacts/s3-bucket.ts";
import { endpointOf } from "../artifacts/s3-client.ts";
import type { S3Connection } from "../artifacts/s3-connection.ts";
import { openDownload } from "../artifacts/s3-download.ts";
import type { Effects } from "../core/effects.ts";
import { DuetMindError } from "../core/errors.ts";
import { writeStream } from "../core/write-stream.ts";
import { readPathValues, toGlob } from "../table/path-values.ts";
import { toKeyPattern } from "./s3-glob.ts";
import { localPath } from "./s3-local-path.ts";
import { type FetchedObject, isCurrent, readFetched, writeFetched } from "./s3-manifest.ts";
import type { SyncedSource, SyncRequest } from "./sync-source.ts";

/** So many objects are fetched at once. */
const LANES = 4;
/** What was fetched is noted after so many objects, and at the end: a kill costs no more than these. */
const NOTE_AFTER = 100;

export type S3Request = Pick<SyncRequest, "env" | "folder" | "name"> &
  Readonly<{
    /** s3://BUCKET/KEY, or a glob of keys, with `{name}` for a column that the key tells. */
    path: string;
    connection: S3Connection;
  }>;

/**
 * Brings the objects of a bucket that a path names to files: `objects/<key>` holds the bytes,
 * `objects.json` says of which version. New and changed objects are fetched, each appears whole or not
 * at all, and what is no longer in the bucket goes.
 */
export async function syncS3(
  { connection, path, env, folder, name }: S3Request,
  effects: Effects,
): Promise<SyncedSource> {
  const stop = new AbortController();
  const stoppable = { ...effects, signal: AbortSignal.any([effects.signal, stop.signal]) };
  const address = toS3Address(path);
  const options = { bucket: address.bucket, connection, env, use: "SOURCE" } as const;
  const bucket = openS3Bucket(options, stoppable);
  const origin = `${endpointOf(connection, env) ?? ""} s3://${address.bucket}`;
  const objects = join(folder, "objects");

  const listed = await listObjects(bucket, address.key);
  const known = await readFetched(folder, origin, effects);
  const fetched = new Map<string, FetchedObject>();
  const wanted: ListedKey[] = [];
  for (const object of listed) {
    const before = known.get(object.key);
    if (isCurrent(localPath(objects, object.key), before, object)) fetched.set(object.key, before!);
    else wanted.push(object);
  }

  const note = () => writeFetched(folder, origin, fetched, effects);
  if (wanted.length > 0) {
    const task = effects.progress.start(`${name}: fetch`, wanted.length, "objects");
    const queue = wanted.values();
    let firstError: unknown;
    const lane = async () => {
      for (const { key } of queue) {
        fetched.set(key, await fetchObject(bucket, key, localPath(objects, key), stoppable));
        task.advance(1);
        if (fetched.size % NOTE_AFTER === 0) await note();
      }
    };
    const lanes = Array.from({ length: LANES }, () =>
      lane().catch((error) => {
        firstError ??= error;
        stop.abort();
      }),
    );
    await Promise.all(lanes);
    await note();
    if (firstError !== undefined) throw firstError;
    task.done(`${wanted.length} of ${listed.length} objects were new or changed`);
  } else if (known.size !== fetched.size) await note();

  const files = listed.map(({ key }) => {
    const object = { path: localPath(objects, key), name: bucket.nameOf(key) };
    const pathValues = readPathValues(path, object.name);
    return pathValues.length === 0 ? object : { ...object, pathValues };
  });
  removeOthers(objects, new Set(files.map((file) => file.path)));
  return { files };
}

/** The objects that a key or a glob names, in code point order; each has bytes. */
async function listObjects(bucket: S3Bucket, key: string): Promise<ListedKey[]> {
  const pattern = toKeyPattern(toGlob(key));
  const listed: ListedKey[] = [];
  if (pattern === undefined) {
    const head = await bucket.head(key);
    if (head !== undefined) listed.push({ key, etag: head.etag, sizeBytes: head.sizeBytes });
  } else {
    for await (const object of bucket.list(pattern.prefix)) {
      if (pattern.matches(object.key)) listed.push(object);
    }
  }
  const subject = bucket.nameOf(key);
  if (listed.length === 0) {
    const message = `${subject}: expected at least one object, got none`;
    const hint = "check the key, which has upper and lower case, and what the bucket holds";
    throw new DuetMindError("FILE_NOT_FOUND", message, { file: subject, hint });
  }
  const empty = listed.find(({ sizeBytes }) => sizeBytes === 0);
  if (empty === undefined) return listed;
  const file = bucket.nameOf(empty.key);
  throw new DuetMindError("DATA_EMPTY", `${file}: expected data, got an empty object`, {
    file,
    hint: "delete it, write it anew, or choose a glob that does not match it",
  });
}

async function fetchObject(
  bucket: S3Bucket,
  key: string,
  path: string,
  effects: Effects,
): Promise<FetchedObject> {
  const download = await openDownload(bucket, key, effects);
  const subject = bucket.nameOf(key);
  if (download === undefined) {
    throw new DuetMindError(
      "CONFLICT",
      `${subject}: expected the object that was listed, got none`,
      {
        hint: "somebody deleted it meanwhile: run it again",
      },
    );
  }
  const { bytes, etag, sizeBytes, version } = download;
  await effects.files.publish(path, (temporary) =>
    writeStream([bytes], createWriteStream(temporary)),
  );
  const modified_ms = statSync(path).mtimeMs;
  return { etag, size_bytes: sizeBytes, version, modified_ms };
}

/** Takes away what is no longer in the bucket, and what killed runs left. */
function removeOthers(folder: string, kept: ReadonlySet<string>): void {
  if (!existsSync(folder)) return;
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile() && !kept.has(path)) rmSync(path, { force: true });
  }
}
