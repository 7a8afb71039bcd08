import { rmSync, statSync, utimesSync } from "node:fs";
import { hashFile } from "../../core/hash.ts";
import { copyHashing, readSmallFile, smallFileSpace, writeNewFile } from "./copy-hashing.ts";
import { createLinker, type LinkType, setWorkspaceMode } from "./link-types.ts";
import {
  type HasCache,
  missingObject,
  type ObjectKind,
  objectPath,
  protectObject,
  removeObject,
  verifyObject,
} from "./object-cache.ts";

/**
 * Brings objects into the workspace by the link types of the configuration. What is placed is hashed on
 * its way: an object that is not what its name says is removed and the placing refused, whatever its
 * mode claims.
 *
 * A hard or symbolic link is the object itself and has its mode; a file that must be executable is
 * copied in their stead, since the bit would make the object one that nobody trusts.
 */
export type ObjectPlacer = Readonly<{
  /** Makes the new file `to`; `shown` names it in errors. */
  place(object: PlacedObject, to: string, shown: string): Promise<void>;
}>;

export type PlacedObject = Readonly<{ md5: string; kind: ObjectKind; isExecutable: boolean }>;

/** A copy is stamped as a little older, so that a later write shows in its time. */
const OLDER_MS = 100;

export function createObjectPlacer(cache: HasCache, types: readonly LinkType[]): ObjectPlacer {
  const linker = createLinker(types);
  const cloner = createLinker(["reflink", "copy"]);
  const space = smallFileSpace();

  function refuse(object: PlacedObject, to: string, shown: string): never {
    rmSync(to, { force: true });
    removeObject(objectPath(cache, object.md5, object.kind));
    throw missingObject(shown, object.md5, true);
  }

  async function copy(from: string, object: PlacedObject, to: string): Promise<string> {
    const file = readSmallFile(from, space);
    if (file === null) {
      const { md5 } = await copyHashing(from, to);
      if (object.isExecutable) setWorkspaceMode(to, true);
      return md5;
    }
    writeNewFile(to, file.bytes);
    if (object.isExecutable) setWorkspaceMode(to, true);
    return file.md5;
  }

  return {
    async place(object, to, shown) {
      const { md5, kind, isExecutable } = object;
      const from = objectPath(cache, md5, kind);
      const size = statSync(from, { throwIfNoEntry: false })?.size;
      if (size === undefined) throw missingObject(shown, md5, false);
      // an empty file is not linked: it saves nothing, and inodes have a limit of links
      const type = (isExecutable || size === 0 ? cloner : linker).link(from, to);
      const found = type === null ? await copy(from, object, to) : hashFile(to, "md5").hex;
      // a legacy object is named for another hash than that of its bytes
      const isRight = kind === "legacy" ? verifyObject(cache, md5, kind) : found === md5;
      if (!isRight) refuse(object, to, shown);
      if (type === "hardlink" || type === "symlink") return protectObject(from);
      if (type === "reflink") setWorkspaceMode(to, isExecutable);
      const at = new Date(Date.now() - OLDER_MS);
      utimesSync(to, at, at);
    },
  };
}
