import { resolve } from "node:path";
import { isS3Address } from "../artifacts/s3-address.ts";
import type { Effects } from "../core/effects.ts";
import type { Environment } from "../core/environment.ts";
import type { Engine } from "../table/engine.ts";
import { type FoundFile, relativeName } from "../table/path-values.ts";
import { listFiles } from "../table/source-files.ts";
import type { DataFormat } from "../table/source-params.ts";
import type { SourceParams } from "./params.ts";

/** One file on this machine that holds rows of a source, and what records and messages call it. */
export type LocalFile = FoundFile &
  Readonly<{
    /** Relative to params.yaml with forward slashes, or an address without credentials. */
    name: string;
  }>;

export type SyncedSource = Readonly<{
  /** In the order of their rows. */
  files: readonly LocalFile[];
  /** What the files are, where the source decides it; else as declared or by name. */
  format?: DataFormat;
}>;

export type SyncRequest = Readonly<{
  name: string;
  params: SourceParams;
  /** Absolute path of the folder that holds params.yaml. */
  root: string;
  env: Environment;
  engine: Engine;
  /**
   * Absolute path of a folder of this source's own, kept between runs: what was fetched, and what
   * tells whether it is still current. Losing it costs a fetch, never a row.
   */
  folder: string;
  /**
   * For an incremental source: rows whose watermark is this or greater, as text (the look-back is
   * taken off already); null for every row. A source that cannot select fetches them all.
   */
  since: string | null;
  /** The watermark column that `since` bounds; null when every row is wanted. */
  sinceColumn: string | null;
}>;

/** One kind of source. */
export type SyncSource = (request: SyncRequest, effects: Effects) => Promise<SyncedSource>;

/**
 * Brings the rows of a source to files on this machine; the rest of an ingest knows only files. What
 * has not changed at its origin is not fetched again.
 */
export const syncSource: SyncSource = async (request, effects) => {
  const { path, http, database } = request.params;
  if (http !== undefined) {
    const { syncHttp } = await import("./http-source.ts");
    return syncHttp(request, http, effects);
  }
  if (database !== undefined) {
    const { syncDatabase } = await import("./database-source.ts");
    return syncDatabase(request, database, effects);
  }
  if (!isS3Address(path!)) return syncFiles(request, path!);
  const { syncS3 } = await import("./s3-source.ts");
  return syncS3({ ...request, path: path!, connection: request.params.s3 ?? {} }, effects);
};

async function syncFiles(
  { root, params, engine }: SyncRequest,
  path: string,
): Promise<SyncedSource> {
  const files = await listFiles(engine, resolve(root, path), params.format);
  return { files: files.map((file) => ({ ...file, name: relativeName(root, file.path) })) };
}
