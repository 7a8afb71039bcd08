import type { Effects } from "../../core/effects.ts";
import { type HasCache, hasObject } from "../cache/object-cache.ts";
import { inParallel } from "./in-parallel.ts";
import { receiveObject } from "./receive-object.ts";
import { objectKey, type RemoteStore } from "./remote-store.ts";
import type { TransferFailure } from "./transfer-failure.ts";
import type { TransferReport } from "./transfer-report.ts";
import {
  type DirectoryFiles,
  directoryFiles,
  memberObject,
  type UsedObject,
  type UsedOut,
} from "./used-objects.ts";

/**
 * Brings into the cache what it lacks of outs: first the lists of folders, then files, many at once,
 * each asked for once. What a remote lacks, or has damaged, is told; everything else comes.
 */
export async function fetchOuts(
  outs: readonly UsedOut[],
  cache: HasCache,
  remote: RemoteStore,
  effects: Effects,
): Promise<TransferReport> {
  const failures: TransferFailure[] = [];
  const changed = new Set<UsedOut>();
  let transferred = 0;
  const task = effects.progress.start(`fetch from ${remote.name}`, undefined, "objects");

  async function fetchAll(wanted: Iterable<readonly [UsedObject, UsedOut]>): Promise<void> {
    const lacking = new Map<string, Readonly<{ object: UsedObject; outs: UsedOut[] }>>();
    for (const [object, out] of wanted) {
      const key = objectKey(object.md5, object.kind);
      const known = lacking.get(key);
      if (known !== undefined) known.outs.push(out);
      else if (!hasObject(cache, object.md5, object.kind))
        lacking.set(key, { object, outs: [out] });
    }
    await inParallel(lacking.values(), remote.jobs, async ({ object, outs: owners }) => {
      const outcome = await receiveObject(object, cache, remote);
      if (outcome === "received") {
        transferred += 1;
        task.advance(1);
        for (const out of owners) changed.add(out);
      } else if (outcome === "damaged") {
        const got = `a damaged object in remote "${remote.name}"`;
        failures.push({ object, got, isMissing: false });
      } else if (owners.some(({ push, isHistory }) => push && !isHistory)) {
        const got = `no such object in the cache or remote "${remote.name}"`;
        failures.push({ object, got, isMissing: true });
      }
    });
  }

  try {
    const folders = outs.filter(({ md5 }) => md5.endsWith(".dir"));
    const listed = new Map(folders.map((out) => [out, directoryFiles(out, cache)]));
    const unlisted = folders.filter((out) => listed.get(out) === null);
    await fetchAll(unlisted.map((out) => [out, out] as const));
    for (const out of unlisted) listed.set(out, directoryFiles(out, cache));
    await fetchAll(fileObjects(outs, listed));
  } finally {
    task.done(`${transferred} fetched`);
  }
  return { outs, changed, transferred, failures };
}

function* fileObjects(
  outs: readonly UsedOut[],
  listed: ReadonlyMap<UsedOut, DirectoryFiles | null>,
): Generator<readonly [UsedObject, UsedOut]> {
  for (const out of outs) {
    if (!out.md5.endsWith(".dir")) yield [out, out];
    else
      for (const entry of listed.get(out)?.asked ?? []) {
        yield [memberObject(out, entry), out];
      }
  }
}
