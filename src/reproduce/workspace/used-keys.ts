import type { Effects } from "../../core/effects.ts";
import { DuetMindError } from "../../core/errors.ts";
import { hasObject } from "../cache/object-cache.ts";
import type { Repository } from "../files/repository.ts";
import { EVERY_OUT } from "../pipeline/select-outs.ts";
import { openRemotes, type RemoteChoice } from "../remote/open-remotes.ts";
import { receiveObject } from "../remote/receive-object.ts";
import { objectKey, type RemoteStore } from "../remote/remote-store.ts";
import { type RecordedStages, wantedOuts } from "../remote/transfer.ts";
import { directoryFiles, type UsedOut } from "../remote/used-objects.ts";

/** A repository, and the revisions of it whose data is kept. */
export type KeptProject = Readonly<{ repository: Repository; views: readonly RecordedStages[] }>;

/** An out of a project, and the keys of all its objects. */
export type UsedKeys = Readonly<{ project: KeptProject; out: UsedOut; keys: readonly string[] }>;

type Options = RemoteChoice & Readonly<{ force: boolean }>;

/**
 * The keys of the objects that projects use; the first project's remote is the one that is asked for. The
 * list of a folder that only a remote has is fetched: without it nobody knows which files to keep.
 */
export async function usedKeys(
  projects: readonly KeptProject[],
  options: Options,
  effects: Effects,
): Promise<readonly UsedKeys[]> {
  const used: UsedKeys[] = [];
  for (const [i, project] of projects.entries()) {
    const { repository, views } = project;
    const choice = { ...options, remote: i === 0 ? options.remote : null };
    const remotes = openRemotes(repository.config, choice, effects);
    const openFor = (out: UsedOut) =>
      remotes.open(out.remote?.toLowerCase() ?? remotes.chosenName());
    const query = { ...EVERY_OUT, remote: null };
    for (const out of wantedOuts(views, repository, query, false, effects)) {
      const members = out.md5.endsWith(".dir")
        ? await memberHashes(out, repository, () => openFor(out), options, effects)
        : [];
      const keys = [out.md5, ...members].map((md5) => objectKey(md5, out.kind));
      used.push({ project, out, keys });
    }
  }
  return used;
}

async function memberHashes(
  out: UsedOut,
  repository: Repository,
  openRemote: () => Promise<RemoteStore>,
  { force }: Options,
  effects: Effects,
): Promise<readonly string[]> {
  if (!hasObject(repository, out.md5, out.kind)) {
    await tryToFetch(out, repository, openRemote, effects);
  }
  const files = directoryFiles(out, repository);
  if (files !== null) return files.all.map(({ md5 }) => md5);
  if (force) {
    effects.progress.note(`${out.shown}: its list is nowhere: its files are not kept`);
    return [];
  }
  throw new DuetMindError(
    "NOT_IN_CACHE",
    `${out.shown}: expected the list of its files in the cache or a remote, got none: which of them to keep is not known`,
    {
      file: out.shown,
      hint: "push it from where it is, or give its files up with --force",
    },
  );
}

/** A repository may have no remote, or one that cannot be reached: the list is then not to be had. */
async function tryToFetch(
  out: UsedOut,
  repository: Repository,
  openRemote: () => Promise<RemoteStore>,
  effects: Effects,
): Promise<void> {
  try {
    await receiveObject(out, repository, await openRemote());
  } catch (error) {
    if (!(error instanceof DuetMindError)) throw error;
    effects.progress.note(`${out.shown}: ${error.message}`);
  }
}
