import { readPathState } from "../cache/path-state.ts";
import { createObjectPlacer } from "../cache/place-object.ts";
import { planRestore } from "../cache/plan-restore.ts";
import { runRestore } from "../cache/restore.ts";
import { linkTypes } from "../cache/store-out.ts";
import type { Repository } from "../files/repository.ts";
import { shownPath } from "../pipeline/stage.ts";

/** Replaces the files of a stored out by links to the cache, where `cache.type` asks for links. */
export async function relinkOut(path: string, repository: Repository): Promise<void> {
  const types = linkTypes(repository);
  if (types[0] !== "hardlink" && types[0] !== "symlink") return;
  const now = readPathState(path, repository)!;
  const out = { path, shown: shownPath(repository.cwd, path), kind: "md5" as const };
  const { md5, isExecutable } = now;
  const plan = planRestore({ ...out, md5, isExecutable }, now, repository, types);
  await runRestore(plan, createObjectPlacer(repository, types), repository.index);
}
