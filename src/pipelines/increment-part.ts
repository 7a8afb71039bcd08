import { rename } from "node:fs/promises";
import { join } from "node:path";
import type { Effects } from "../core/effects.ts";
import { digestHex } from "../core/hash.ts";
import { digestBeside } from "../table/digest-beside.ts";
import type { RawPart, StoredFile } from "./raw-manifest.ts";

/**
 * Writes a file of a growing dataset and gives it the name of its SHA-256. Until a manifest names it
 * nobody reads it, so a kill leaves nothing but a file that the next run clears away.
 */
export async function storeByDigest(
  folder: string,
  effects: Effects,
  write: (path: string) => Promise<number>,
): Promise<StoredFile> {
  const incoming = join(folder, "incoming.parquet");
  const rowCount = await effects.files.publish(incoming, write);
  const { digest, sizeBytes } = await digestBeside(incoming);
  const file = `${digestHex(digest)}.parquet`;
  await rename(incoming, join(folder, file));
  return { file, sha256: digest, size_bytes: sizeBytes, row_count: rowCount };
}

/** A part that is new, with the files that its rows came from. */
export function toPart(
  stored: StoredFile,
  sources: Readonly<RawPart["sources"]>,
  quarantine: StoredFile | null,
): RawPart {
  const part = { ...stored, sources: [...sources], replaced: null };
  return quarantine === null ? part : { ...part, quarantine };
}
