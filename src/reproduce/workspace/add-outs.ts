import { existsSync, statSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import type { Effects } from "../../core/effects.ts";
import type { Environment } from "../../core/environment.ts";
import { DuetMindError } from "../../core/errors.ts";
import { removeLeftovers } from "../../core/files.ts";
import {
  type DirectoryEntry,
  directoryObject,
  hashDirectoryObject,
} from "../cache/directory-hash.ts";
import { missingObject, readDirectoryObject } from "../cache/object-cache.ts";
import { createObjectStore } from "../cache/object-store.ts";
import { readPathState } from "../cache/path-state.ts";
import { rememberPlaced } from "../cache/placed-outs.ts";
import { restoreOut } from "../cache/restore.ts";
import { linkTypes, storeOut } from "../cache/store-out.ts";
import { ensureDvcFolder } from "../files/dvc-folder.ts";
import { ignoreInGit, refuseTracked } from "../files/git-ignore.ts";
import type { Repository } from "../files/repository.ts";
import {
  type RecordedOut,
  type RecordedState,
  recordedState,
  writeDvcFile,
} from "../files/write-dvc-file.ts";
import { collectStages } from "../pipeline/collect.ts";
import { whileClaimed } from "../run/path-claims.ts";
import { type AddTarget, findAddTargets } from "./add-targets.ts";
import { relinkOut } from "./relink-out.ts";

export type AddOptions = Readonly<{
  targets: readonly string[];
  /** Where to put a copy of the one target; null: it is added where it is. */
  out: string | null;
  force: boolean;
  /** Only the .dvc file is written. */
  noCommit: boolean;
  noRelink: boolean;
  env: Environment;
}>;

export type AddReport = Readonly<{
  outs: readonly RecordedOut[];
  /** Files that git should know of, absolute. */
  toTrack: readonly string[];
}>;

/**
 * Puts data into the cache and writes the .dvc file beside it. One target after the other is finished:
 * what comes before a failure is added, what comes after it is as it was.
 */
export async function addOuts(
  repository: Repository,
  options: AddOptions,
  effects: Effects,
): Promise<AddReport> {
  const { env } = options;
  const source = options.out === null ? null : requireOne(options.targets);
  const named = source === null ? options.targets : [destination(source, repository, options)];
  const targets = findAddTargets(named, await collectStages(repository, effects), repository);
  refuseTracked([...new Set(targets.map(({ path }) => path))], repository, env);
  await ensureDvcFolder(repository.root, effects);
  const paths = targets.map(({ path }) => path);
  return whileClaimed(repository.root, paths, effects, () =>
    addTargets(targets, source, repository, options, effects),
  );
}

async function addTargets(
  targets: readonly AddTarget[],
  source: string | null,
  repository: Repository,
  options: AddOptions,
  effects: Effects,
): Promise<AddReport> {
  removeLeftovers(...targets.map(({ file }) => file));
  const outs: RecordedOut[] = [];
  const toTrack: string[] = [];
  const placed = new Map<string, string>();
  try {
    for (const target of targets) {
      const state = await storeTarget(target, source, repository, options);
      const isChanged = await writeDvcFile(target.file, target.written, state, effects);
      toTrack.push(target.file);
      toTrack.push(...(await ignoreInGit([target.path], repository, effects)));
      if (!options.noCommit) placed.set(target.path, state.md5);
      outs.push({ shown: target.shown, ...state, isChanged });
    }
  } finally {
    await repository.index.save(effects);
    await rememberPlaced(repository, placed, effects);
  }
  return { outs, toTrack };
}

async function storeTarget(
  target: AddTarget,
  source: string | null,
  repository: Repository,
  options: AddOptions,
): Promise<RecordedState> {
  if (source !== null) return copyIn(target, resolve(repository.cwd, source), repository);
  if (target.inside !== null) return storePart(target, target.inside, repository, options.noCommit);
  if (!existsSync(target.path)) throw nothingThere(target.shown);
  if (options.noCommit) return recordedState(readPathState(target.path, repository)!);
  const state = await storeOut(target.path, null, repository);
  if (!options.noRelink) await relinkOut(target.path, repository);
  return recordedState(state);
}

/** Stores something from anywhere, and brings it to its place from the cache. */
async function copyIn(
  { path, shown }: AddTarget,
  source: string,
  repository: Repository,
): Promise<RecordedState> {
  if (!existsSync(source)) throw nothingThere(source);
  const types = ["reflink", "copy"] as const; // the source stays its owner's own
  const state = await storeOut(source, null, repository, types);
  const { md5, isExecutable } = state;
  await restoreOut({ path, shown, md5, kind: "md5", isExecutable }, { force: true }, repository);
  return recordedState(state);
}

/** A part of a known folder: the rest of it stays as it is recorded, whatever stands there. */
async function storePart(
  target: AddTarget,
  inside: string,
  repository: Repository,
  noCommit: boolean,
): Promise<RecordedState> {
  const recorded = target.stage?.dvcFile?.recorded.outs.get(target.written);
  if (recorded?.md5?.endsWith(".dir") !== true) {
    throw new DuetMindError(
      "BAD_INPUT",
      `${target.shown}: expected a folder that is recorded, got a file, which has no "${inside}"`,
      { file: target.shown },
    );
  }
  const known = readDirectoryObject(repository, recorded.md5);
  if (known === null) throw missingObject(target.shown, recorded.md5, false);
  const rest = known.filter(
    ({ relpath }) => relpath !== inside && !relpath.startsWith(`${inside}/`),
  );
  const path = join(target.path, inside);
  const isThere = existsSync(path);
  if (!isThere && rest.length === known.length) throw nothingThere(join(target.shown, inside));
  const state = !isThere
    ? null
    : noCommit
      ? readPathState(path, repository)
      : await storeOut(path, null, repository);
  const added: readonly DirectoryEntry[] =
    state === null
      ? []
      : (state.entries?.map(({ relpath, md5 }) => ({ relpath: `${inside}/${relpath}`, md5 })) ?? [
          { relpath: inside, md5: state.md5 },
        ]);
  const entries = [...rest, ...added];
  const object = directoryObject(entries);
  const md5 = hashDirectoryObject(object);
  if (!noCommit) createObjectStore(repository, linkTypes(repository)).storeDirectory(md5, object);
  const isAppended = isThere && rest.length === known.length;
  const before = recorded.sizeBytes;
  const sizeBytes =
    md5 === recorded.md5 ? before : isAppended && before ? before + state!.sizeBytes : null;
  return { md5, sizeBytes, isExecutable: false, fileCount: entries.length };
}

function requireOne(targets: readonly string[]): string {
  const [only, other] = targets;
  if (only !== undefined && other === undefined) return only;
  throw new DuetMindError("USAGE", `--out: expected one target, got ${targets.length}`);
}

function destination(source: string, { cwd }: Repository, { out, force }: AddOptions): string {
  const asked = resolve(cwd, out!);
  const isFolder = statSync(asked, { throwIfNoEntry: false })?.isDirectory() === true;
  const path = isFolder ? join(asked, basename(resolve(cwd, source))) : asked;
  if (!existsSync(path) || force) return path;
  throw new DuetMindError("ALREADY_EXISTS", `${out}: expected a free name, got a file or folder`, {
    file: path,
    hint: "--force replaces it",
  });
}

function nothingThere(shown: string): DuetMindError {
  return new DuetMindError(
    "FILE_NOT_FOUND",
    `${shown}: expected a file or folder to add, got nothing at this path`,
    { file: shown },
  );
}
