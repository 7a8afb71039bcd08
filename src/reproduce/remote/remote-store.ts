import { availableParallelism } from "node:os";
import type { Effects } from "../../core/effects.ts";
import type { ObjectKind } from "../cache/object-cache.ts";
import { createFolderRemote } from "./folder-remote.ts";
import type { RemoteSettings } from "./remote-settings.ts";

/**
 * Where objects are kept beside the cache, in the same layout: `files/md5/<2>/<30>`, objects of DVC 2.x
 * at `<2>/<30>`, and `runs/…`. Keys are relative to the address of the remote.
 */
export type RemoteStore = Readonly<{
  name: string;
  url: string;
  /** How many transfers go on at once. */
  jobs: number;
  /** Which of the keys are there, and their sizes. */
  find(keys: readonly string[]): Promise<ReadonlyMap<string, number>>;
  /** Writes an object whole or not at all. With an md5 bytes that are others are not written: false. */
  send(from: string, key: string, md5: string | null): Promise<boolean>;
  /** Writes the bytes of an object to a new file and says their md5; null when there is no object. */
  receive(key: string, to: string): Promise<string | null>;
  /** Every key below a folder of the remote; the empty one is all of it. */
  list(folder: string): AsyncIterable<Readonly<{ key: string; sizeBytes: number }>>;
  delete(key: string): Promise<void>;
}>;

/** Opens a remote; what talks to S3 is loaded only for one that is there. */
export async function openRemote(
  settings: RemoteSettings,
  jobs: number | null,
  effects: Effects,
): Promise<RemoteStore> {
  const { name, url, place } = settings;
  const known = { name, url, jobs: jobs ?? settings.jobs ?? 4 * availableParallelism() };
  if (place.kind === "folder") return createFolderRemote(known, place.folder);
  const { createS3Remote } = await import("./s3-remote.ts");
  return createS3Remote(known, place, effects);
}

/** The key of an object. */
export function objectKey(md5: string, kind: ObjectKind): string {
  const place = `${md5.slice(0, 2)}/${md5.slice(2)}`;
  return kind === "legacy" ? place : `files/md5/${place}`;
}
