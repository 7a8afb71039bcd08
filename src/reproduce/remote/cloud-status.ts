import type { Effects } from "../../core/effects.ts";
import type { Environment } from "../../core/environment.ts";
import { hasObject } from "../cache/object-cache.ts";
import type { Repository } from "../files/repository.ts";
import { openRemotes } from "./open-remotes.ts";
import { receiveObject } from "./receive-object.ts";
import { objectKey } from "./remote-store.ts";
import { byRemote } from "./transfer-report.ts";
import { directoryFiles, memberObject, type UsedObject, type UsedOut } from "./used-objects.ts";

/** Where an object is: only in the cache, only in the remote, in neither. */
export type CloudChange = "new" | "deleted" | "missing";

/**
 * Compares the cache with the remotes of outs, files of folders one by one. A list that only the remote
 * has is fetched first: without it nobody knows what to compare. An object that several outs have is
 * told once, by the first.
 */
export async function cloudStatus(
  outs: readonly UsedOut[],
  repository: Repository,
  options: Readonly<{ remote: string | null; jobs: number | null; env: Environment }>,
  effects: Effects,
): Promise<ReadonlyMap<string, CloudChange>> {
  const remotes = openRemotes(repository.config, options, effects);
  const changes = new Map<string, CloudChange>();
  for (const [name, group] of byRemote(outs, remotes.chosenName)) {
    const remote = await remotes.open(name);
    const objects = new Map<string, UsedObject>();
    const add = (object: UsedObject) => {
      const key = objectKey(object.md5, object.kind);
      if (!objects.has(key)) objects.set(key, object);
    };
    for (const out of group) {
      add(out);
      if (!out.md5.endsWith(".dir")) continue;
      if (!hasObject(repository, out.md5, out.kind)) await receiveObject(out, repository, remote);
      for (const entry of directoryFiles(out, repository)?.asked ?? [])
        add(memberObject(out, entry));
    }
    const there = await remote.find([...objects.keys()]);
    for (const [key, { md5, kind, shown }] of objects) {
      const change = compare(hasObject(repository, md5, kind), there.has(key));
      if (change !== null) changes.set(shown, change);
    }
  }
  return changes;
}

function compare(isHere: boolean, isThere: boolean): CloudChange | null {
  if (isHere) return isThere ? null : "new";
  return isThere ? "deleted" : "missing";
}
