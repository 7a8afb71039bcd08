import { statSync } from "node:fs";
import { configText } from "../files/dvc-config.ts";
import type { Repository } from "../files/repository.ts";
import { type DirectoryEntry, directoryObject, hashDirectoryObject } from "./directory-hash.ts";
import { type LinkType, parseLinkTypes } from "./link-types.ts";
import { changedFile, createObjectStore, type ObjectStore, refuseChanged } from "./object-store.ts";
import { listFiles, type PathState, readPathState } from "./path-state.ts";

/** What storing needs to know of a repository. */
export type OutPlace = Pick<Repository, "cacheFolder" | "config" | "ignore" | "index">;

/** The link types of the repository's `cache.type`. */
export function linkTypes({ config }: Pick<Repository, "config">): readonly LinkType[] {
  return parseLinkTypes(configText(config, "cache", "type"));
}

/**
 * Puts an out into the cache: its files first, so that a directory object implies its contents. With a
 * state that was read before, what is stored must be that; without one each file is read once, to be
 * hashed and copied together. Returns the state of what was stored.
 */
export async function storeOut(
  path: string,
  known: PathState | null,
  place: OutPlace,
  types = linkTypes(place),
): Promise<PathState> {
  const store = createObjectStore(place, types);
  const stat = statSync(path);
  if (!stat.isDirectory()) {
    const stored = await storeFile(path, known?.md5 ?? null, store, place);
    const { md5 } = stored;
    if (known === null) refuseChanged(path, stored.stat);
    return { md5, sizeBytes: stat.size, isExecutable: (stat.mode & 0o100) !== 0 };
  }
  const entries: DirectoryEntry[] = [];
  let sizeBytes = 0;
  for (const { relpath, md5 } of known?.entries ?? newEntries(path, place)) {
    const stored = await storeFile(`${path}/${relpath}`, md5, store, place);
    entries.push({ relpath, md5: stored.md5 });
    sizeBytes += Number(stored.stat.size);
  }
  const object = directoryObject(entries);
  const md5 = hashDirectoryObject(object);
  // what was learnt of each file becomes what is known of the folder; and nobody wrote to it meanwhile
  if (known === null && readPathState(path, place)?.md5 !== md5) throw changedFile(path);
  store.storeDirectory(md5, object);
  return { md5, sizeBytes, isExecutable: false, entries };
}

type Entry = Readonly<{ relpath: string; md5: string | null }>;

function newEntries(path: string, { ignore }: OutPlace): readonly Entry[] {
  return listFiles(path, ignore).map((relpath) => ({ relpath, md5: null }));
}

async function storeFile(path: string, known: string | null, store: ObjectStore, place: OutPlace) {
  const md5 = known ?? place.index.find(path);
  const startMs = place.index.nowMs();
  const stored = await store.storeFile(path, md5);
  if (md5 === null) place.index.remember(path, stored.md5, stored.stat, startMs);
  return stored;
}
