import { join } from "node:path";
import type { Effects } from "../../core/effects.ts";
import type { DirectoryEntry } from "../cache/directory-hash.ts";
import { type HasCache, type ObjectKind, readDirectoryObject } from "../cache/object-cache.ts";
import { type LockFiles, recordedEntry } from "../files/lock-file.ts";
import type { SelectedOut } from "../pipeline/select-outs.ts";

/** An out whose content the cache and the remotes keep. */
export type UsedOut = Readonly<{
  /** Absolute. */
  path: string;
  /** As commands name it. */
  shown: string;
  md5: string;
  kind: ObjectKind;
  isExecutable: boolean;
  sizeBytes: number | null;
  fileCount: number | null;
  /** The only remote that has it; null: the default one. */
  remote: string | null;
  /** False: it is in no remote. */
  push: boolean;
  /** The path below the out that is asked for; null: all of it. */
  inside: string | null;
  /** Recorded in another revision than the workspace: what is missing of it may be long gone. */
  isHistory: boolean;
}>;

/** One object, and the path by which commands name it. */
export type UsedObject = Readonly<{ md5: string; kind: ObjectKind; shown: string }>;

/** What is recorded of outs; one that was never made is passed over with a note. */
export function usedOuts(
  selected: readonly SelectedOut[],
  locks: LockFiles,
  options: Readonly<{ pushing: boolean; remote: string | null; isHistory: boolean }>,
  effects: Effects,
): readonly UsedOut[] {
  const used: UsedOut[] = [];
  for (const { stage, out, path, shown, inside } of selected) {
    if (!out.isCached || (options.pushing && !out.push)) continue;
    const isElsewhere = options.remote !== null && out.remote !== null;
    if (isElsewhere && out.remote !== options.remote) continue;
    const recorded = recordedEntry(stage, locks)?.outs.get(out.path);
    if (recorded === undefined || recorded.md5 === null) {
      if (!options.isHistory) {
        effects.progress.note(`${shown}: not recorded yet: \`duetmind reproduce\` makes it`);
      }
      continue;
    }
    const { md5, isExecutable, sizeBytes, fileCount } = recorded;
    const kind = recorded.isLegacy ? "legacy" : "md5";
    const { remote, push } = out;
    const { isHistory } = options;
    used.push({
      ...{
        path,
        shown,
        md5,
        kind,
        isExecutable,
        sizeBytes,
        fileCount,
        remote,
        push,
        inside,
        isHistory,
      },
    });
  }
  return used;
}

/** The files of a folder: all, and those that are asked for. */
export type DirectoryFiles = Readonly<{
  all: readonly DirectoryEntry[];
  asked: readonly DirectoryEntry[];
}>;

/** The files of an out that is a folder; null when the cache has no whole list of them. */
export function directoryFiles(out: UsedOut, cache: HasCache): DirectoryFiles | null {
  const all = readDirectoryObject(cache, out.md5, out.kind);
  if (all === null) return null;
  const { inside } = out;
  if (inside === null) return { all, asked: all };
  const asked = all.filter(({ relpath }) => relpath === inside || relpath.startsWith(`${inside}/`));
  return { all, asked };
}

/** A file of a folder as an object of its own. */
export function memberObject(out: UsedOut, { relpath, md5 }: DirectoryEntry): UsedObject {
  return { md5, kind: out.kind, shown: join(out.shown, relpath) };
}
