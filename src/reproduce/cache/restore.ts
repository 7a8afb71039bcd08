import { randomBytes } from "node:crypto";
import { lstatSync, mkdirSync, renameSync, rmdirSync, rmSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { DuetMindError, fromWriteError } from "../../core/errors.ts";
import { removeLeftovers } from "../../core/files.ts";
import { makeFolder } from "../../core/make-folder.ts";
import { setWorkspaceMode } from "./link-types.ts";
import { readPathState } from "./path-state.ts";
import { createObjectPlacer, type ObjectPlacer } from "./place-object.ts";
import { planRestore, type RestorePlan, type WantedOut } from "./plan-restore.ts";
import type { StatIndex } from "./stat-index.ts";
import { linkTypes, type OutPlace } from "./store-out.ts";

/** Brings an out to its place, whatever stands there: refuses only to lose unsaved files, unless forced. */
export async function restoreOut(
  out: WantedOut,
  options: Readonly<{ force: boolean }>,
  place: OutPlace,
): Promise<RestorePlan> {
  const plan = planRestore(out, readPathState(out.path, place), place);
  if (!options.force) refuseUnsaved([plan]);
  await runRestore(plan, createObjectPlacer(place, linkTypes(place)), place.index);
  return plan;
}

/**
 * Makes the workspace as a plan says. All that is new is first made whole beside the out, under a name
 * of its own, and then moved to its place; so an object that turns out to be damaged leaves the out as
 * it was, and a folder that was not there appears at once or not at all. A kill while files are moved
 * into a folder that was there leaves each of them old or new: the next checkout does the rest.
 */
export async function runRestore(
  plan: RestorePlan,
  placer: ObjectPlacer,
  index: StatIndex,
): Promise<void> {
  const { path, shown } = plan;
  removeLeftovers(path);
  const staging = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString("hex")}.tmp`);
  try {
    if (plan.change === "unchanged") {
      giveExecution(plan);
    } else {
      makeFolder(dirname(path));
      await stage(plan, staging, placer);
      if (plan.isDirectory && !plan.isReplaced) moveInto(plan, staging);
      else replace(path, staging);
      for (const { relpath, object } of plan.writes) {
        if (object.kind !== "md5") continue;
        const file = join(path, relpath);
        index.remember(file, object.md5, statSync(file), index.nowMs());
      }
    }
  } catch (error) {
    throw fromWriteError(error, shown);
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
}

/** Refuses a plan that would remove what nobody has a copy of. */
export function refuseUnsaved(plans: readonly RestorePlan[]): void {
  const unsaved = plans.flatMap((plan) => plan.unsaved);
  const [first] = unsaved;
  if (first === undefined) return;
  const more = unsaved.length > 1 ? ` and ${unsaved.length - 1} more` : "";
  throw new DuetMindError(
    "UNSAVED_FILES",
    `${first}: expected a file that the cache has before it is replaced, got one${more} that would be lost`,
    {
      file: first,
      hint: "keep it with `duetmind commit` or `duetmind add`, or give it up with --force",
      issues: unsaved.map((path) => ({ path, expected: "in the cache", got: "unsaved" })),
    },
  );
}

async function stage(plan: RestorePlan, staging: string, placer: ObjectPlacer): Promise<void> {
  if (plan.isDirectory) mkdirSync(staging);
  const made = new Set([staging]);
  for (const { relpath, object } of plan.writes) {
    const to = relpath === "" ? staging : join(staging, relpath);
    if (relpath.includes("/") && !made.has(dirname(to))) {
      mkdirSync(dirname(to), { recursive: true });
      made.add(dirname(to));
    }
    await placer.place(object, to, relpath === "" ? plan.shown : join(plan.shown, relpath));
  }
}

/** Puts what is staged in the place of whatever stands there. */
function replace(path: string, staging: string): void {
  const now = lstatSync(path, { throwIfNoEntry: false });
  const isFolder = lstatSync(staging).isDirectory();
  if (now === undefined || !(isFolder || now.isDirectory())) {
    renameSync(staging, path); // a file over a file: at once
    return;
  }
  const aside = `${staging.slice(0, -".tmp".length)}.old.tmp`; // a leftover's name, should a kill come
  renameSync(path, aside);
  renameSync(staging, path);
  rmSync(aside, { recursive: true, force: true });
}

function moveInto(plan: RestorePlan, staging: string): void {
  for (const relpath of plan.deletes) {
    rmSync(join(plan.path, relpath), { force: true });
    removeEmptied(plan.path, dirname(relpath));
  }
  const made = new Set<string>();
  for (const { relpath } of plan.writes) {
    const to = join(plan.path, relpath);
    const folder = dirname(to);
    if (!made.has(folder)) {
      mkdirSync(folder, { recursive: true });
      made.add(folder);
    }
    renameSync(join(staging, relpath), to);
  }
}

/** Removes folders that a removal left empty, below the out itself. */
function removeEmptied(out: string, relpath: string): void {
  for (let at = relpath; at !== "."; at = dirname(at)) {
    try {
      rmdirSync(join(out, at));
    } catch {
      return; // not empty
    }
  }
}

/** The right to run is recorded with a file: it is given where the content is right already. */
function giveExecution({ path, isExecutable, isDirectory }: RestorePlan): void {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (!isExecutable || isDirectory || stat?.isFile() !== true) return;
  if ((stat.mode & 0o100) === 0 && stat.nlink === 1) setWorkspaceMode(path, true);
}
