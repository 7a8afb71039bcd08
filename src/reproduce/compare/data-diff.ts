import { existsSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { DuetMindError } from "../../core/errors.ts";
import { readPathState } from "../cache/path-state.ts";
import { recordedEntry } from "../files/lock-file.ts";
import type { Repository } from "../files/repository.ts";
import { resolvePath } from "../pipeline/stage.ts";
import { compareCodePoints } from "../values/python-text.ts";
import { objectPlace, readDirectoryMembers } from "./cached-object.ts";
import type { View } from "./view.ts";

/** A file or folder that DVC keeps: null md5, it was never recorded. */
export type DataEntry = Readonly<{ md5: string | null; isFolder: boolean }>;

/** The data of one revision, by path from the root; folders whose list of files is lost are unknown. */
export type DataTree = Readonly<{
  entries: ReadonlyMap<string, DataEntry>;
  unknown: ReadonlySet<string>;
  /** Paths that were asked for and are there. */
  roots: ReadonlySet<string>;
}>;

export type DataChange = Readonly<
  | { path: string; hash: string | null }
  | { path: string; hash: Readonly<{ old: string | null; new: string | null }> }
  | { path: Readonly<{ old: string; new: string }>; hash: string | null }
>;

export type DataState = "added" | "deleted" | "modified" | "renamed" | "not in cache";
export type DataDiff = Readonly<Record<DataState, readonly DataChange[]>>;

/** What is recorded in a commit. */
export function recordedData(
  view: View,
  targets: readonly string[],
  repository: Repository,
): DataTree {
  return collectData(view, targets, repository, (_, md5) => {
    if (md5?.endsWith(".dir") !== true) return { md5, isFolder: false, members: new Map() };
    return { md5, isFolder: true, members: readDirectoryMembers(repository.cacheFolder, md5) };
  });
}

/** What stands in the workspace, hashed where the index does not know it. */
export function workspaceData(
  view: View,
  targets: readonly string[],
  repository: Repository,
): DataTree {
  return collectData(view, targets, repository, (path) => {
    const state = readPathState(path, repository);
    if (state === null) return null;
    const members = state.entries?.map(({ relpath, md5 }) => [relpath, md5] as const);
    return { md5: state.md5, isFolder: members !== undefined, members: new Map(members) };
  });
}

type Found = Readonly<{
  md5: string | null;
  isFolder: boolean;
  /** Null: the list of files is lost. */
  members: ReadonlyMap<string, string> | null;
}>;

function collectData(
  view: View,
  targets: readonly string[],
  { root, cwd }: Repository,
  read: (path: string, recorded: string | null) => Found | null,
): DataTree {
  const entries = new Map<string, DataEntry>();
  const unknown = new Set<string>();
  const roots = new Set<string>();
  const asked = targets.map((target) => ({ target, path: relative(root, resolve(cwd, target)) }));
  for (const stage of view.stages) {
    const recorded = recordedEntry(stage, view.locks);
    for (const out of stage.outs) {
      if (!out.isCached) continue;
      const at = resolvePath(stage, out.path);
      const path = relative(root, at);
      if (path.startsWith("..")) continue;
      const wanted = asked.filter(
        ({ target, path: place }) =>
          target === stage.address || place === path || place.startsWith(`${path}/`),
      );
      if (targets.length > 0 && wanted.length === 0) continue;
      const within = wanted.map(({ target, path: place }) =>
        target === stage.address ? path : place,
      );
      for (const place of targets.length > 0 ? within : [path]) roots.add(place);
      const isAsked = (each: string) =>
        targets.length === 0 ||
        within.some((place) => each === place || each.startsWith(`${place}/`));
      const found = read(at, recorded?.outs.get(out.path)?.md5 ?? null);
      if (found === null) continue;
      if (isAsked(path)) entries.set(path, { md5: found.md5, isFolder: found.isFolder });
      if (found.members === null) unknown.add(path);
      for (const [relpath, md5] of found.members ?? []) {
        const member = `${path}/${relpath}`;
        if (isAsked(member)) entries.set(member, { md5, isFolder: false });
      }
    }
  }
  return { entries, unknown, roots };
}

/** Refuses targets that neither side knows. */
export function requireTargets(
  targets: readonly string[],
  trees: readonly DataTree[],
  { root, cwd }: Repository,
  addresses: ReadonlySet<string>,
): void {
  for (const target of targets) {
    const path = relative(root, resolve(cwd, target));
    if (addresses.has(target) || trees.some(({ roots }) => roots.has(path))) continue;
    throw new DuetMindError(
      "NOT_FOUND",
      `--targets: expected data that DVC keeps in one of the revisions, got "${target}"`,
    );
  }
}

/** What differs; `cacheFolder` also asks which of the old data the cache lacks. */
export function diffData(old: DataTree, now: DataTree, cacheFolder: string | null): DataDiff {
  const [added, deleted, modified]: [DataChange[], DataChange[], DataChange[]] = [[], [], []];
  const unknown = [...old.unknown, ...now.unknown];
  const isUnknown = (path: string) => unknown.some((folder) => path.startsWith(`${folder}/`));
  for (const path of new Set([...old.entries.keys(), ...now.entries.keys()])) {
    const [before, after] = [old.entries.get(path), now.entries.get(path)];
    if (isUnknown(path)) continue;
    if (before === undefined) {
      added.push({ path: shown(path, after!), hash: after!.md5 });
    } else if (after === undefined) {
      deleted.push({ path: shown(path, before), hash: before.md5 });
    } else if (before.md5 !== after.md5 || before.isFolder !== after.isFolder) {
      modified.push({ path: shown(path, before), hash: { old: before.md5, new: after.md5 } });
    }
  }
  const missing = [...old.entries].flatMap(([path, entry]): DataChange[] => {
    if (cacheFolder === null || entry.md5 === null) return [];
    if (existsSync(objectPlace(cacheFolder, entry.md5))) return [];
    return [{ path: shown(path, entry), hash: entry.md5 }];
  });
  const { renamed, ...rest } = findRenames(added, deleted);
  return {
    added: inOrder(rest.added),
    deleted: inOrder(rest.deleted),
    modified: inOrder(modified),
    renamed: inOrder(renamed),
    "not in cache": inOrder(missing),
  };
}

function shown(path: string, { isFolder }: DataEntry): string {
  return isFolder ? join(path, "/") : path;
}

/** What came with the content of something that went is a rename; the first by path goes first. */
function findRenames(added: readonly DataChange[], deleted: readonly DataChange[]) {
  const gone = inOrder(deleted);
  const taken = new Set<DataChange>();
  const [renamed, stillAdded]: [DataChange[], DataChange[]] = [[], []];
  for (const change of inOrder(added)) {
    const from = gone.find(
      (each) => !taken.has(each) && each.hash !== null && each.hash === change.hash,
    );
    if (from === undefined) {
      stillAdded.push(change);
      continue;
    }
    taken.add(from);
    const path = { old: from.path as string, new: change.path as string };
    renamed.push({ path, hash: from.hash as string });
  }
  return { added: stillAdded, renamed, deleted: gone.filter((change) => !taken.has(change)) };
}

function inOrder(changes: readonly DataChange[]): readonly DataChange[] {
  const key = ({ path }: DataChange) => (typeof path === "string" ? path : path.old);
  return [...changes].sort((a, b) => compareCodePoints(key(a), key(b)));
}
