import { lstatSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import type { LinkType } from "./link-types.ts";
import {
  type HasCache,
  hasObject,
  missingObject,
  type ObjectKind,
  objectPath,
  readDirectoryObject,
} from "./object-cache.ts";
import type { PathState } from "./path-state.ts";
import type { PlacedObject } from "./place-object.ts";

/** An out as it is recorded, to be brought to its place. */
export type WantedOut = Readonly<{
  /** Absolute. */
  path: string;
  /** As messages name it. */
  shown: string;
  md5: string;
  kind: ObjectKind;
  isExecutable: boolean;
}>;

/** A file to make; the path is relative to the out, and empty for an out that is a file. */
export type FileWrite = Readonly<{ relpath: string; object: PlacedObject }>;

export type RestorePlan = Readonly<{
  path: string;
  shown: string;
  isDirectory: boolean;
  isExecutable: boolean;
  change: "unchanged" | "added" | "modified" | "relinked";
  /** Nothing stands there, or something of the other kind, which goes. */
  isReplaced: boolean;
  writes: readonly FileWrite[];
  /** Files of the folder that are not in the out. */
  deletes: readonly string[];
  /** Of the files that go, those whose content the cache does not have, as messages name them. */
  unsaved: readonly string[];
  /** How many files come, get another content, and go. */
  counts: Readonly<{ added: number; modified: number; deleted: number }>;
}>;

/**
 * Compares an out as recorded with what stands at its path. Throws NOT_IN_CACHE for an object that is
 * needed and not there.
 */
export function planRestore(
  out: WantedOut,
  now: PathState | null,
  cache: HasCache,
  relink: readonly LinkType[] | null = null,
): RestorePlan {
  const isDirectory = out.md5.endsWith(".dir");
  const wanted = wantedFiles(out, cache);
  const present = presentFiles(now);
  const isSameKind = now !== null && (now.entries !== undefined) === isDirectory;
  const writes: FileWrite[] = [];
  const lost: string[] = [];
  const counts = { added: 0, modified: 0, deleted: 0 };
  for (const [relpath, md5] of wanted) {
    const known = isSameKind ? present.get(relpath) : undefined;
    const object = { md5, kind: out.kind, isExecutable: !isDirectory && out.isExecutable };
    if (known === md5) {
      if (relink === null || !needsRelink(join(out.path, relpath), object, cache, relink)) continue;
    } else {
      counts[known === undefined ? "added" : "modified"] += 1;
      if (known !== undefined) lost.push(relpath);
    }
    writes.push({ relpath, object });
  }
  const deletes = [...present.keys()].filter((relpath) => !(isSameKind && wanted.has(relpath)));
  counts.deleted = deletes.length;
  const shownFile = (relpath: string) => (relpath === "" ? out.shown : join(out.shown, relpath));
  for (const { relpath, object } of writes) {
    if (hasObject(cache, object.md5, object.kind)) continue;
    throw missingObject(shownFile(relpath), object.md5, false);
  }
  return {
    ...{ path: out.path, shown: out.shown, isDirectory, isExecutable: out.isExecutable },
    change: changeOf(now, writes, deletes, counts),
    isReplaced: !isSameKind,
    writes,
    deletes: isSameKind ? deletes : [],
    unsaved: [...lost, ...deletes]
      .filter((relpath) => !hasObject(cache, present.get(relpath)!, out.kind))
      .map(shownFile),
    counts,
  };
}

function changeOf(
  now: PathState | null,
  writes: readonly FileWrite[],
  deletes: readonly string[],
  counts: RestorePlan["counts"],
): RestorePlan["change"] {
  if (now === null) return "added";
  if (counts.added + counts.modified + deletes.length > 0) return "modified";
  return writes.length > 0 ? "relinked" : "unchanged";
}

/** Path below the out → md5. */
function wantedFiles(out: WantedOut, cache: HasCache): ReadonlyMap<string, string> {
  if (!out.md5.endsWith(".dir")) return new Map([["", out.md5]]);
  const wasThere = lstatSync(objectPath(cache, out.md5, out.kind), { throwIfNoEntry: false });
  const entries = readDirectoryObject(cache, out.md5, out.kind);
  if (entries === null) throw missingObject(out.shown, out.md5, wasThere !== undefined);
  return new Map(entries.map(({ relpath, md5 }) => [relpath, md5]));
}

function presentFiles(now: PathState | null): ReadonlyMap<string, string> {
  if (now === null) return new Map();
  if (now.entries === undefined) return new Map([["", now.md5]]);
  return new Map(now.entries.map(({ relpath, md5 }) => [relpath, md5]));
}

/** True when a file is not of the first link type that counts, as DVC's `--relink` sees it. */
function needsRelink(
  path: string,
  object: PlacedObject,
  cache: HasCache,
  types: readonly LinkType[],
): boolean {
  const stat = lstatSync(path);
  const target = objectPath(cache, object.md5, object.kind);
  const isPlain = !stat.isSymbolicLink() && stat.nlink === 1;
  for (const type of types) {
    if (type === "copy" || type === "reflink") {
      if (isPlain) return false;
    } else if (object.isExecutable || stat.size === 0) {
      return !isPlain; // such a file is not linked
    } else if (type === "hardlink") {
      if (stat.nlink > 1) return stat.ino !== lstatSync(target).ino;
    } else if (stat.isSymbolicLink()) {
      return readlinkSync(path) !== target;
    }
  }
  return true;
}
