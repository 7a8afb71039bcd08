import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { ListedKey } from "../artifacts/s3-bucket.ts";
import { canonicalJson } from "../core/canonical-json.ts";
import type { Effects } from "../core/effects.ts";
import { publishContent } from "../core/files.ts";

const fetchedObject = z.strictObject({
  etag: z.string(),
  size_bytes: z.int().nonnegative(),
  version: z.string().nullable(),
  /** Of the file that holds the bytes: another time means that somebody touched it. */
  modified_ms: z.number(),
});
export type FetchedObject = Readonly<z.infer<typeof fetchedObject>>;

const s3Manifest = z.strictObject({
  schema_version: z.literal(1),
  /** Server and bucket: another one makes everything new. */
  origin: z.string(),
  objects: z.record(z.string(), fetchedObject),
});

const NAME = "objects.json";

/** What earlier runs fetched from this origin, by key; a file that cannot be read counts as none. */
export async function readFetched(
  folder: string,
  origin: string,
  effects: Effects,
): Promise<Map<string, FetchedObject>> {
  const path = join(folder, NAME);
  if (!existsSync(path)) return new Map();
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder().decode(await effects.files.readBytes(path)));
  } catch (error) {
    if (error instanceof SyntaxError) return new Map();
    throw error;
  }
  const { data } = s3Manifest.safeParse(json);
  return new Map(data?.origin === origin ? Object.entries(data.objects) : []);
}

export async function writeFetched(
  folder: string,
  origin: string,
  objects: ReadonlyMap<string, FetchedObject>,
  effects: Effects,
): Promise<void> {
  const manifest = { schema_version: 1, origin, objects: Object.fromEntries(objects) };
  await publishContent(effects.files, join(folder, NAME), `${canonicalJson(manifest)}\n`);
}

/** Whether a file still holds the bytes that the bucket lists. */
export function isCurrent(path: string, known: FetchedObject | undefined, listed: ListedKey) {
  if (known?.etag !== listed.etag || known.size_bytes !== listed.sizeBytes) return false;
  const file = statSync(path, { throwIfNoEntry: false });
  return file?.size === known.size_bytes && file.mtimeMs === known.modified_ms;
}
