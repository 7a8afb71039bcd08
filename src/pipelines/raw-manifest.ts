import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { Effects } from "../core/effects.ts";
import { type Digest, isDigest } from "../core/hash.ts";
import { parseJson } from "../core/json.ts";
import { parseWith } from "../core/parse.ts";
import { DATA_FORMATS } from "../table/source-params.ts";

const digest = z.custom<Digest>(isDigest, "expected sha256:<64 hex digits>");
const text = z.string().min(1);
const count = z.int().nonnegative();

/** A type as DuckDB prints it, and nothing that could be more than a type. */
const duckDbType = z.string().regex(/^[A-Z][A-Z0-9_ ]*(\(\d+(, ?\d+)?\))?(\[\])*$/);

/** A file beside the manifest, named by its own SHA-256: it never changes. */
const storedFile = z.strictObject({
  file: z.string().regex(/^[0-9a-f]{64}\.parquet$/),
  sha256: digest,
  size_bytes: count,
  row_count: count,
});

export type StoredFile = Readonly<z.infer<typeof storedFile>>;

const rawPart = storedFile.extend({
  /** The files that its rows came from. */
  sources: z.array(
    z.strictObject({
      path: text,
      format: z.enum(DATA_FORMATS),
      sha256: digest,
      size_bytes: count,
    }),
  ),
  /**
   * Places of the rows that do not count: a later row of the same key replaced them, or the contract
   * drops them for what other parts hold. One column `row`.
   */
  replaced: storedFile.nullable(),
  /** Rows that its contract dropped, in the folder of quarantined ones. */
  quarantine: storedFile.optional(),
  /** The same for rows of the part that it drops for what other parts hold. */
  dropped: storedFile.optional(),
});
export type RawPart = Readonly<z.infer<typeof rawPart>>;

/**
 * data/raw/<dataset>/manifest.json: which parts make up a dataset that grows, in the order of its rows.
 * It is the commit point: parts are written first, and what no manifest names is not there.
 */
export const rawManifest = z.strictObject({
  schema_version: z.literal(1),
  dataset: text,
  mode: z.enum(["append", "upsert"]),
  key: z.array(text).nullable(),
  columns: z.array(z.strictObject({ name: text, type: text, duckdb_type: duckDbType })),
  /** Columns and their types as the source had them, before its contract coerced or added any. */
  read_types: z.record(text, text),
  /** `value` is the greatest one seen: ISO 8601 for times, null before the first row. */
  watermark: z.strictObject({ column: text, value: z.string().nullable() }).nullable(),
  parts: z.array(rawPart),
});
export type RawManifest = Readonly<z.infer<typeof rawManifest>>;

/** Relative to the project. */
export function manifestPath(rawFolder: string, dataset: string): string {
  return `${rawFolder}/${dataset}/manifest.json`;
}

/** The manifest at an absolute path, or null when there is none. Throws BAD_INPUT for a broken one. */
export async function readManifest(path: string, effects: Effects): Promise<RawManifest | null> {
  if (!existsSync(path)) return null;
  const json = parseJson(await effects.files.readBytes(path), path);
  return parseWith(rawManifest, json, path, { file: path });
}

/** Every file that a manifest names. */
export function manifestFiles({ parts }: RawManifest): StoredFile[] {
  return parts.flatMap((part) => (part.replaced === null ? [part] : [part, part.replaced]));
}

/** A file that the manifest names and that is not there, or not whole. */
export function findMissing(folder: string, manifest: RawManifest): StoredFile | undefined {
  return manifestFiles(manifest).find(
    ({ file, size_bytes }) =>
      statSync(join(folder, file), { throwIfNoEntry: false })?.size !== size_bytes,
  );
}
