import { existsSync, lstatSync, realpathSync, statSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import { DuetMindError } from "../../core/errors.ts";
import type { Repository } from "../files/repository.ts";
import { isStageFile } from "../pipeline/collect.ts";
import { resolvePath, type Stage, shownPath } from "../pipeline/stage.ts";

/** What is to be added, and the .dvc file that will hold it. */
export type AddTarget = Readonly<{
  /** Absolute path of the out. */
  path: string;
  /** As commands name it. */
  shown: string;
  /** The .dvc file. */
  file: string;
  /** The path as the .dvc file has it. */
  written: string;
  /** The folder's part that is added again, where a part of a known folder is the target. */
  inside: string | null;
  /** The .dvc file is there and knows the out. */
  stage: Stage | null;
}>;

/** Finds the .dvc file of each target; refuses what cannot be data of the repository. */
export function findAddTargets(
  targets: readonly string[],
  stages: readonly Stage[],
  repository: Repository,
): readonly AddTarget[] {
  const known = stages.flatMap((stage) =>
    stage.outs.map((out) => ({ stage, path: resolvePath(stage, out.path), written: out.path })),
  );
  const found = new Map<string, AddTarget>();
  for (const target of targets) {
    const path = resolve(repository.cwd, target);
    const shown = shownPath(repository.cwd, path);
    refusePath(target, path, shown, repository);
    const holder = known.find((out) => out.path === path || path.startsWith(`${out.path}/`));
    if (holder === undefined) {
      const inner = known.find((out) => out.path.startsWith(`${path}/`));
      if (inner !== undefined) {
        throw overlap(shown, shownPath(repository.cwd, inner.path), inner.stage.address);
      }
      const place = { file: `${path}.dvc`, written: basename(path), inside: null, stage: null };
      found.set(path, { path, shown, ...place });
      continue;
    }
    const { stage } = holder;
    if (stage.cmd !== null) {
      throw new DuetMindError(
        "DVC_YAML_GRAPH",
        `${shown}: expected data that no stage makes, got an out of ${stage.address}`,
        { file: shown, hint: "run the pipeline, or use `duetmind commit`" },
      );
    }
    const inside = holder.path === path ? null : path.slice(holder.path.length + 1);
    const out = { path: holder.path, shown: shownPath(repository.cwd, holder.path) };
    const key = inside === null ? path : `${holder.path}\0${inside}`;
    found.set(key, { ...out, file: stage.file, written: holder.written, inside, stage });
  }
  const added = [...found.values()].filter(({ stage }) => stage === null);
  for (const outer of added) {
    const inner = added.find(({ path }) => path.startsWith(`${outer.path}/`));
    if (inner !== undefined) throw overlap(outer.shown, inner.shown, `${inner.shown}.dvc`);
  }
  return [...found.values()];
}

function refusePath(target: string, path: string, shown: string, repository: Repository): void {
  const { root } = repository;
  const refuse = (expected: string, got: string, hint?: string): never => {
    throw new DuetMindError("BAD_INPUT", `${shown}: expected ${expected}, got ${got}`, {
      file: shown,
      ...(hint === undefined ? {} : { hint }),
    });
  };
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(target)) refuse("a path", "an address");
  if (path === root || `${root}/`.startsWith(`${path}/`)) {
    refuse("something inside the repository", "the folder that holds it");
  }
  if (!path.startsWith(`${root}/`)) {
    refuse(
      "a path inside the repository",
      "one outside",
      "copy it in: duetmind add FILE --out NAME",
    );
  }
  if (isStageFile(basename(path))) refuse("data", "a file that describes stages");
  const folder = dirname(path);
  const isLinked =
    existsSync(folder) && realpathSync(folder) !== join(realpathSync(root), relative(root, folder));
  const link = lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;
  if (isLinked || (link && statSync(path, { throwIfNoEntry: false })?.isDirectory() === true)) {
    refuse("a path without links to folders", "one through such a link");
  }
  const stat = statSync(path, { throwIfNoEntry: false });
  if (repository.ignore.isIgnored(path, stat?.isDirectory() === true)) {
    refuse("data that is not ignored", "a path that .dvcignore names or that DVC keeps for itself");
  }
  if (stat !== undefined && !stat.isFile() && !stat.isDirectory()) {
    refuse("a file or folder", "something else");
  }
}

function overlap(shown: string, inner: string, address: string): DuetMindError {
  return new DuetMindError(
    "DVC_YAML_GRAPH",
    `${shown}: expected data that overlaps with no other out, got "${inner}" of ${address} in it`,
    { file: shown, hint: `remove ${address} first, or add "${inner}" alone` },
  );
}
