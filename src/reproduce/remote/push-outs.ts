import { lstatSync } from "node:fs";
import type { Effects } from "../../core/effects.ts";
import { type HasCache, hasObject, objectPath, removeObject } from "../cache/object-cache.ts";
import { inParallel } from "./in-parallel.ts";
import { objectKey, type RemoteStore } from "./remote-store.ts";
import type { TransferFailure } from "./transfer-failure.ts";
import type { TransferReport } from "./transfer-report.ts";
import { directoryFiles, memberObject, type UsedObject, type UsedOut } from "./used-objects.ts";

const NOWHERE = "neither the cache nor the remote having it";
const DAMAGED = "a damaged object in the cache, which was removed";

type Wanted = Readonly<{ object: UsedObject; outs: Set<UsedOut> }>;

/**
 * Sends to a remote what it lacks. The object of a folder goes last, and only when all of its files are
 * there: whoever finds it finds them. What cannot be sent is left out and told; every other object is
 * sent all the same.
 */
export async function pushOuts(
  outs: readonly UsedOut[],
  cache: HasCache,
  remote: RemoteStore,
  effects: Effects,
): Promise<TransferReport> {
  const files = new Map<string, Wanted>();
  const folders = new Map<string, Wanted>();
  const members = new Map<string, readonly string[]>();
  const unlisted: UsedOut[] = [];
  for (const out of outs) {
    if (!out.md5.endsWith(".dir")) {
      want(files, out, out);
      continue;
    }
    const listed = directoryFiles(out, cache);
    if (listed === null) {
      unlisted.push(out);
      continue;
    }
    for (const entry of listed.asked) want(files, memberObject(out, entry), out);
    want(folders, out, out);
    const keys = listed.all.map(({ md5 }) => objectKey(md5, out.kind));
    members.set(objectKey(out.md5, out.kind), keys);
  }
  const keys = new Set([...files.keys(), ...folders.keys(), ...[...members.values()].flat()]);
  for (const out of unlisted) keys.add(objectKey(out.md5, out.kind));
  const there = new Map(await remote.find([...keys]));
  const failures: TransferFailure[] = [];
  const changed = new Set<UsedOut>();
  let transferred = 0;
  const task = effects.progress.start(`push to ${remote.name}`, undefined, "objects");

  async function send([key, { object, outs: owners }]: readonly [string, Wanted]): Promise<void> {
    if (isThere(key, object, there, cache)) return;
    if (!hasObject(cache, object.md5, object.kind)) {
      if (isWanted(owners)) failures.push({ object, got: NOWHERE, isMissing: true });
      return;
    }
    const from = objectPath(cache, object.md5, object.kind);
    const md5 = object.kind === "md5" ? object.md5.replace(/\.dir$/, "") : null;
    if (!(await remote.send(from, key, md5))) {
      removeObject(from); // as everywhere: what is not what its name says is never served
      failures.push({ object, got: DAMAGED, isMissing: false });
      return;
    }
    there.set(key, lstatSync(from).size);
    transferred += 1;
    task.advance(1);
    for (const out of owners) changed.add(out);
  }

  try {
    await inParallel(files, remote.jobs, send);
    await inParallel(folders, remote.jobs, async ([key, wanted]) => {
      if (members.get(key)!.every((member) => there.has(member))) await send([key, wanted]);
    });
  } finally {
    task.done(`${transferred} sent`);
  }
  for (const out of unlisted) {
    if (out.isHistory || there.has(objectKey(out.md5, out.kind))) continue;
    failures.push({ object: out, got: NOWHERE, isMissing: true });
  }
  return { outs, changed, transferred, failures };
}

function isWanted(outs: Iterable<UsedOut>): boolean {
  return [...outs].some(({ isHistory }) => !isHistory);
}

function want(wanted: Map<string, Wanted>, object: UsedObject, out: UsedOut): void {
  const key = objectKey(object.md5, object.kind);
  const known = wanted.get(key);
  if (known === undefined) wanted.set(key, { object, outs: new Set([out]) });
  else known.outs.add(out);
}

/** An object of another size than the cache's was cut off by something: it is sent again. */
function isThere(
  key: string,
  { md5, kind }: UsedObject,
  there: ReadonlyMap<string, number>,
  cache: HasCache,
): boolean {
  const size = there.get(key);
  if (size === undefined) return false;
  const stat = lstatSync(objectPath(cache, md5, kind), { throwIfNoEntry: false });
  return stat === undefined || stat.size === size || !hasObject(cache, md5, kind);
}
