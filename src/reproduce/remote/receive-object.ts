import { randomBytes } from "node:crypto";
import { chmodSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { fromWriteError } from "../../core/errors.ts";
import { makeFolder } from "../../core/make-folder.ts";
import { hashLegacyFile } from "../cache/legacy-hash.ts";
import { type HasCache, OBJECT_MODE, objectPath, objectsFolder } from "../cache/object-cache.ts";
import { objectKey, type RemoteStore } from "./remote-store.ts";
import type { UsedObject } from "./used-objects.ts";

/**
 * Brings one object from a remote into the cache. It gets its name when all of it has come and is what
 * its name says; other bytes are thrown away.
 */
export async function receiveObject(
  { md5, kind }: Pick<UsedObject, "md5" | "kind">,
  cache: HasCache,
  remote: RemoteStore,
): Promise<"received" | "missing" | "damaged"> {
  const root = objectsFolder(cache);
  const path = objectPath(cache, md5, kind);
  const temporary = `${root}/.${randomBytes(8).toString("hex")}.tmp`;
  let isPublished = false;
  try {
    makeFolder(root);
    const found = await remote.receive(objectKey(md5, kind), temporary);
    if (found === null) return "missing";
    const hash = kind === "legacy" ? hashLegacyFile(temporary) : found;
    if (hash !== md5.replace(/\.dir$/, "")) return "damaged";
    chmodSync(temporary, OBJECT_MODE);
    mkdirSync(dirname(path), { recursive: true });
    renameSync(temporary, path);
    isPublished = true;
    return "received";
  } catch (error) {
    throw fromWriteError(error, path);
  } finally {
    if (!isPublished) rmSync(temporary, { force: true });
  }
}
