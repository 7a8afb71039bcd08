import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { objectPlace } from "../cached-object.ts";
import type { DataEntry, DataTree } from "../data-diff.ts";

/** What differs between two states of the data, in DVC's words; a folder's path ends in a slash. */
export type DataChanges = Readonly<{
  added: readonly string[];
  deleted: readonly string[];
  modified: readonly string[];
  renamed: readonly Readonly<{ old: string; new: string }>[];
  /** Files of a folder whose recorded list the cache lacks: nobody knows whether they changed. */
  unknown: readonly string[];
}>;

export type DataStatus = Readonly<{
  notInCache: readonly string[];
  /** From the last commit to what dvc.lock and .dvc files record; null: no git. */
  committed: DataChanges | null;
  /** From what is recorded to what stands. */
  uncommitted: DataChanges;
  unchanged: readonly string[];
}>;

/** `granular` also looks at the files of folders. */
export function planDataStatus(
  head: DataTree | null,
  recorded: DataTree,
  workspace: DataTree,
  options: Readonly<{ granular: boolean; cacheFolder: string }>,
): DataStatus {
  const asked = (tree: DataTree) => entriesOf(tree, options.granular);
  const known = asked(recorded);
  const standing = asked(workspace);
  const before = head === null ? null : asked(head);
  const uncommitted = compare(known, standing, recorded.unknown);
  const committed = before === null ? null : compare(before, known, head?.unknown ?? new Set());
  const stays = (path: string) => before === null || before.get(path)?.md5 === known.get(path)?.md5;
  return {
    notInCache: [...known]
      .filter(([, { md5 }]) => md5 !== null && !existsSync(objectPlace(options.cacheFolder, md5)))
      .map(([path, entry]) => shown(path, entry)),
    committed,
    uncommitted,
    unchanged: [...known]
      .filter(([path, { md5 }]) => standing.get(path)?.md5 === md5 && stays(path))
      .map(([path, entry]) => shown(path, entry)),
  };
}

/** The recorded data that a status is about: path, a folder's with a slash → md5. */
export function recordedHashes(tree: DataTree, granular: boolean): ReadonlyMap<string, string> {
  return new Map(
    [...entriesOf(tree, granular)].map(([path, entry]) => [shown(path, entry), entry.md5!]),
  );
}

type Entries = ReadonlyMap<string, DataEntry>;

/** What is recorded or stands, without files of folders where these are not asked for. */
function entriesOf({ entries }: DataTree, granular: boolean): Entries {
  const isMember = (path: string): boolean => {
    const above = dirname(path);
    return above !== path && (entries.get(above)?.isFolder === true || isMember(above));
  };
  return new Map(
    [...entries].filter(([path, { md5 }]) => md5 !== null && (granular || !isMember(path))),
  );
}

function compare(old: Entries, now: Entries, lost: ReadonlySet<string>): DataChanges {
  const [added, deleted]: [string[], string[]] = [[], []];
  const [modified, unknown]: [string[], string[]] = [[], []];
  for (const path of new Set([...old.keys(), ...now.keys()])) {
    const [before, after] = [old.get(path), now.get(path)];
    if (before === undefined) (isInside(path, lost) ? unknown : added).push(path);
    else if (after === undefined) deleted.push(path);
    else if (before.md5 !== after.md5) modified.push(path);
  }
  const renamed = added.flatMap((path) => {
    const from = deleted.findIndex((gone) => old.get(gone)!.md5 === now.get(path)!.md5);
    return from === -1 ? [] : [{ old: deleted.splice(from, 1)[0]!, new: path }];
  });
  const isRenamed = new Set(renamed.map((pair) => pair.new));
  const shownOld = (path: string) => shown(path, old.get(path)!);
  const shownNow = (path: string) => shown(path, now.get(path)!);
  return {
    added: added.filter((path) => !isRenamed.has(path)).map(shownNow),
    deleted: deleted.map(shownOld),
    modified: modified.map(shownNow),
    renamed: renamed.map((pair) => ({ old: shownOld(pair.old), new: shownNow(pair.new) })),
    unknown: unknown.map(shownNow),
  };
}

function isInside(path: string, folders: ReadonlySet<string>): boolean {
  const above = dirname(path);
  return above !== path && (folders.has(above) || isInside(above, folders));
}

function shown(path: string, { isFolder }: DataEntry): string {
  return isFolder ? `${path}/` : path;
}
