import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isS3Address } from "../artifacts/s3-address.ts";
import type { S3Connection } from "../artifacts/s3-connection.ts";
import type { Effects } from "../core/effects.ts";
import type { Environment } from "../core/environment.ts";
import type { Engine } from "../table/engine.ts";
import type { FoundFile } from "../table/path-values.ts";
import type { SourceFile } from "../table/source.ts";
import { listFiles } from "../table/source-files.ts";

/** How a bucket is reached. */
export type BucketAccess = Readonly<{ connection: S3Connection; env: Environment }>;

/** The files of a path that is read once; those of a bucket are here only while `use` works on them. */
export async function withFiles<T>(
  engine: Engine,
  { path, format }: SourceFile,
  { connection, env }: BucketAccess,
  use: (files: readonly FoundFile[]) => Promise<T>,
  effects: Effects,
): Promise<T> {
  if (!isS3Address(path)) return use(await listFiles(engine, path, format));
  const { syncS3 } = await import("./s3-source.ts");
  const folder = await mkdtemp(join(tmpdir(), "duetmind-objects-"));
  try {
    const { files } = await syncS3({ name: path, path, connection, env, folder }, effects);
    return await use(files);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
