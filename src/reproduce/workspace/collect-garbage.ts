import type { Effects } from "../../core/effects.ts";
import { DuetMindError } from "../../core/errors.ts";
import { removeObject } from "../cache/object-cache.ts";
import type { Repository } from "../files/repository.ts";
import { inParallel } from "../remote/in-parallel.ts";
import { openRemotes, type RemoteChoice } from "../remote/open-remotes.ts";
import type { RemoteStore } from "../remote/remote-store.ts";
import { byRemote } from "../remote/transfer-report.ts";
import { claimPaths, type HeldClaim, liveClaims } from "../run/path-claims.ts";
import { cachedObjects, type StoredObject, toObject } from "./stored-objects.ts";
import { type KeptProject, type UsedKeys, usedKeys } from "./used-keys.ts";

export type GarbageOptions = RemoteChoice &
  Readonly<{
    /** Also the objects of the remote that is asked for, or the default one, and of those that outs name. */
    cloud: boolean;
    /** Keeps in the cache only what the remotes lack. */
    notInRemote: boolean;
    /** Also goes on where the files of a used folder cannot be known. */
    force: boolean;
    /** Only says what would go. */
    dry: boolean;
    /** How long to wait for a run of stages to end. */
    lockWaitMs: number;
  }>;

export type Garbage = Readonly<{
  /** Of the cache. */
  cache: readonly StoredObject[];
  /** Of each remote that was looked at. */
  remotes: ReadonlyMap<string, readonly StoredObject[]>;
}>;

type RemoteGarbage = Readonly<{ remote: RemoteStore; objects: readonly StoredObject[] }>;

/**
 * Removes the objects of the cache, and with `cloud` those of remotes, that nothing kept uses. All is
 * looked at before the first is removed. The runs of the run-cache stay, as they do for DVC: one whose
 * outs are gone is passed over.
 *
 * The first of the projects is the repository itself; what any of them keeps is kept everywhere, also in
 * a remote other than its own. They are read when no stages run any more: a run that has just ended has
 * recorded outs.
 */
export async function collectGarbage(
  repository: Repository,
  readKept: () => Promise<readonly KeptProject[]>,
  options: GarbageOptions,
  effects: Effects,
): Promise<Garbage> {
  if (options.dry) {
    return (await findGarbage(repository, await readKept(), options, effects)).found;
  }
  // a run of stages stores objects that no lock names yet
  const held = await claimRepository(repository.root, options.lockWaitMs, effects);
  try {
    const { found, remotes } = await findGarbage(repository, await readKept(), options, effects);
    for (const { path } of found.cache) removeObject(path);
    for (const { remote, objects } of remotes) await removeFrom(remote, objects);
    return found;
  } finally {
    held?.release();
  }
}

/** A full disk is what gc is there for: then runs that go on already are enough to keep out of. */
async function claimRepository(
  root: string,
  waitMs: number,
  effects: Effects,
): Promise<HeldClaim | null> {
  try {
    return await claimPaths(root, { reads: [], writes: [root] }, waitMs, effects);
  } catch (error) {
    const isFull = error instanceof DuetMindError && error.code === "DISK_FULL";
    if (!isFull || liveClaims(root, effects.clock.now()).length > 0) throw error;
    return null;
  }
}

async function findGarbage(
  repository: Repository,
  kept: readonly KeptProject[],
  options: GarbageOptions,
  effects: Effects,
) {
  const used = await usedKeys(kept, options, effects);
  const everywhere = new Set(used.flatMap(({ keys }) => keys));
  const isOwn = ({ project }: UsedKeys) => project === kept[0];
  const own = used.filter(isOwn);
  const spared = options.notInRemote ? await remoteKeys(own, repository, options, effects) : null;
  const foreign = new Set(used.flatMap((each) => (isOwn(each) ? [] : each.keys)));
  const isKept = (key: string) =>
    everywhere.has(key) && (spared === null || !spared.has(key) || foreign.has(key));
  const cache = listsFirst(cachedObjects(repository).filter(({ key }) => !isKept(key)));
  const remotes = options.cloud
    ? await cloudGarbage(own, everywhere, repository, options, effects)
    : [];
  const byName = remotes.map(({ remote, objects }) => [remote.name, objects] as const);
  return { found: { cache, remotes: new Map(byName) }, remotes };
}

/** What the remotes have of the outs that they are to have. */
async function remoteKeys(
  used: readonly UsedKeys[],
  repository: Repository,
  options: GarbageOptions,
  effects: Effects,
): Promise<ReadonlySet<string>> {
  const remotes = openRemotes(repository.config, options, effects);
  const keysOf = new Map(used.map(({ out, keys }) => [out, keys]));
  const there = new Set<string>();
  for (const [name, outs] of byRemote([...keysOf.keys()], remotes.chosenName)) {
    const remote = await remotes.open(name);
    const asked = new Set(outs.flatMap((out) => keysOf.get(out)!));
    for (const key of (await remote.find([...asked])).keys()) there.add(key);
  }
  return there;
}

async function cloudGarbage(
  used: readonly UsedKeys[],
  kept: ReadonlySet<string>,
  repository: Repository,
  options: GarbageOptions,
  effects: Effects,
): Promise<readonly RemoteGarbage[]> {
  const remotes = openRemotes(repository.config, options, effects);
  const named = used.flatMap(({ out }) => out.remote?.toLowerCase() ?? []);
  const found: RemoteGarbage[] = [];
  for (const name of new Set([remotes.chosenName(), ...named])) {
    const remote = await remotes.open(name);
    const objects: StoredObject[] = [];
    for await (const { key, sizeBytes } of remote.list("")) {
      const object = toObject(key, `${remote.url.replace(/\/$/, "")}/${key}`, sizeBytes);
      if (object !== null && !kept.has(key)) objects.push(object);
    }
    found.push({ remote, objects: listsFirst(objects) });
  }
  return found;
}

/** A folder's list goes before files: while it is there, its files are. */
function listsFirst(objects: readonly StoredObject[]): readonly StoredObject[] {
  return [...objects].sort((a, b) => Number(isList(b)) - Number(isList(a)));
}

function isList({ md5 }: StoredObject): boolean {
  return md5.endsWith(".dir");
}

async function removeFrom(remote: RemoteStore, objects: readonly StoredObject[]): Promise<void> {
  for (const part of [objects.filter(isList), objects.filter((object) => !isList(object))]) {
    await inParallel(part, remote.jobs, ({ key }) => remote.delete(key));
  }
}
