import { existsSync, lstatSync, readFileSync, rmSync } from "node:fs";
import { join, relative } from "node:path";
import type { Effects } from "../../core/effects.ts";
import { DuetMindError, fromWriteError } from "../../core/errors.ts";
import { publishContent } from "../../core/files.ts";
import { type HasCache, hasObject, readDirectoryObject } from "./object-cache.ts";
import { type PathReader, readPathState } from "./path-state.ts";

/**
 * The outs that were put into the cache or brought from it, so that a checkout can take away those that
 * no stage and no .dvc file names any more:
 *
 *     {"data/x": {"inode": "1234", "mtimeNs": "1700…", "md5": "60b7…"}}
 *
 * An out is taken away only if it is still the file or folder that it was, and the cache has all of it.
 * The list is a convenience: without it such outs stay.
 */
type PlacedOut = Readonly<{
  inode: string;
  /** Of a file; a folder is known by its content. */
  mtimeNs: string | null;
  md5: string;
}>;

type PlacedOuts = Readonly<Record<string, PlacedOut>>;

type Place = PathReader & HasCache & Readonly<{ root: string }>;

/** Remembers outs, absolute path → md5, as they stand now. */
export async function rememberPlaced(
  { root }: Pick<Place, "root">,
  outs: ReadonlyMap<string, string>,
  effects: Effects,
): Promise<void> {
  const file = listPath(root);
  if (outs.size === 0 || !existsSync(join(root, ".dvc"))) return;
  const known = readList(file);
  const now = [...outs].flatMap(([path, md5]) => {
    const facts = factsOf(path);
    return facts === null ? [] : [[relative(root, path), { ...facts, md5 }] as const];
  });
  if (now.every(([path, out]) => isSame(known[path], out))) return;
  try {
    const content = { ...known, ...Object.fromEntries(now) };
    await publishContent(effects.files, file, JSON.stringify(content));
  } catch (error) {
    // a repository that may only be read, or a full disk: the outs stand all the same
    if (!(error instanceof DuetMindError)) throw error;
  }
}

/** Removes the remembered outs that nothing uses any more; returns their paths, a folder's with a slash. */
export function removeUnused(place: Place, used: readonly string[]): readonly string[] {
  const isUsed = (path: string) =>
    used.some((out) => out === path || out.startsWith(`${path}/`) || path.startsWith(`${out}/`));
  const removed: string[] = [];
  for (const [name, out] of Object.entries(readList(listPath(place.root)))) {
    const path = join(place.root, name);
    if (isUsed(path) || !isUntouched(path, out, place)) continue;
    try {
      rmSync(path, { recursive: true });
    } catch (error) {
      throw fromWriteError(error, path);
    }
    removed.push(out.md5.endsWith(".dir") ? `${path}/` : path);
  }
  return removed;
}

function isUntouched(path: string, out: PlacedOut, place: Place): boolean {
  const facts = factsOf(path);
  if (facts === null || !isSame(out, { ...facts, md5: out.md5 })) return false;
  return readPathState(path, place)?.md5 === out.md5 && isWhole(out.md5, place);
}

function isWhole(md5: string, cache: HasCache): boolean {
  if (!hasObject(cache, md5)) return false;
  if (!md5.endsWith(".dir")) return true;
  return readDirectoryObject(cache, md5)?.every((entry) => hasObject(cache, entry.md5)) === true;
}

function factsOf(path: string): Omit<PlacedOut, "md5"> | null {
  const stat = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  if (stat === undefined) return null;
  const mtimeNs = stat.isDirectory() ? null : String(stat.mtimeNs);
  return { inode: String(stat.ino), mtimeNs };
}

function isSame(a: PlacedOut | undefined, b: PlacedOut): boolean {
  return a !== undefined && a.inode === b.inode && a.mtimeNs === b.mtimeNs && a.md5 === b.md5;
}

function listPath(root: string): string {
  return join(root, ".dvc", "tmp", "duetmind-outs");
}

/** Only this program writes the list, and whole. */
function readList(file: string): PlacedOuts {
  if (!existsSync(file)) return {};
  try {
    return JSON.parse(readFileSync(file, "utf8")) as PlacedOuts;
  } catch {
    return {};
  }
}
