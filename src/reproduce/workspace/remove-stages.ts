import { existsSync, readFileSync, rmSync } from "node:fs";
import type { Effects } from "../../core/effects.ts";
import { DuetMindError, fromWriteError } from "../../core/errors.ts";
import { publishContent } from "../../core/files.ts";
import { dropStage } from "../files/drop-stage.ts";
import { unignoreInGit } from "../files/git-ignore.ts";
import { lockPath } from "../files/lock-file.ts";
import { dropEntry } from "../files/lock-text.ts";
import type { Repository } from "../files/repository.ts";
import { collectStages } from "../pipeline/collect.ts";
import { findNamed, unknownTarget } from "../pipeline/find-targets.ts";
import { resolvePath, type Stage, stageSubject } from "../pipeline/stage.ts";
import { underClaimsLock } from "../run/path-claims.ts";
import { unprotect } from "./unprotect.ts";

/**
 * Takes stages out of dvc.yaml and dvc.lock, and removes .dvc files; git may see their outs again. The
 * outs stay, links to the cache as files of their own, unless they are to go too.
 */
export async function removeStages(
  targets: readonly string[],
  withOuts: boolean,
  repository: Repository,
  effects: Effects,
): Promise<readonly Stage[]> {
  const all = await collectStages(repository, effects);
  const found = targets.flatMap((target) => {
    const named = findNamed(all, target, { cwd: repository.cwd, recursive: false, glob: false });
    if (named.length === 0)
      throw unknownTarget(
        target,
        all.map(({ address }) => address),
      );
    return named;
  });
  const stages = [...new Set(found)];
  for (const stage of stages) refuseRepeated(stage);
  for (const stage of stages) await removeStage(stage, withOuts, repository, effects);
  return stages;
}

/** What foreach and matrix repeat has no lines of its own. */
function refuseRepeated(stage: Stage): void {
  if (stage.name?.includes("@") !== true) return;
  throw new DuetMindError(
    "NOT_SUPPORTED",
    `${stageSubject(stage)}: expected a stage with lines of its own, got one that is repeated`,
    { file: stage.file, hint: "take it out of the foreach or matrix in dvc.yaml" },
  );
}

async function removeStage(
  stage: Stage,
  withOuts: boolean,
  repository: Repository,
  effects: Effects,
): Promise<void> {
  const outs = stage.outs.map(({ path, isCached }) => ({
    path: resolvePath(stage, path),
    isCached,
  }));
  for (const { path, isCached } of outs) {
    if (withOuts) removeFile(path);
    else if (isCached && existsSync(path)) unprotect(path, repository);
  }
  const cached = outs.filter(({ isCached }) => isCached);
  await unignoreInGit(
    cached.map(({ path }) => path),
    effects,
  );
  const { name } = stage;
  if (name === null) return removeFile(stage.file);
  await underClaimsLock(repository.root, effects, async () => {
    await edit(lockPath(stage), (text) => dropEntry(text, name), effects);
    await edit(stage.file, (text) => dropStage(text, name), effects);
  });
}

async function edit(
  file: string,
  change: (text: string) => string | null,
  effects: Effects,
): Promise<void> {
  if (!existsSync(file)) return;
  const text = change(readFileSync(file, "utf8"));
  if (text === null) removeFile(file);
  else await publishContent(effects.files, file, text);
}

function removeFile(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true });
  } catch (error) {
    throw fromWriteError(error, path);
  }
}
