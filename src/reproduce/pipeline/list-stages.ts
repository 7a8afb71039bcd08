import { isAbsolute, join } from "node:path";
import type { Effects } from "../../core/effects.ts";
import type { Repository } from "../files/repository.ts";
import { toJson } from "../values/to-json.ts";
import { collectStages, isStageFile, readStageFile } from "./collect.ts";
import { findTarget } from "./find-targets.ts";
import { type Stage, shownPath } from "./stage.ts";

export type StageListOptions = Readonly<{
  targets: readonly string[];
  all: boolean;
  recursive: boolean;
}>;

/** The stages that targets mean, each once; without targets those of the dvc.yaml here. */
export async function listStages(
  { targets, all, recursive }: StageListOptions,
  repository: Repository,
  effects: Effects,
): Promise<readonly Stage[]> {
  if (all || recursive) {
    const stages = await collectStages(repository, effects);
    return all ? stages : chosen(targets, () => stages, true, repository.cwd);
  }
  const files = new Map<string, readonly Stage[]>();
  for (const target of targets.length === 0 ? ["dvc.yaml"] : targets) {
    const file = fileOf(target, repository.cwd);
    if (!files.has(file)) files.set(file, await readStageFile(file, repository, effects));
  }
  if (targets.length === 0) return [...files.values()].flat();
  return chosen(
    targets,
    (target) => files.get(fileOf(target, repository.cwd))!,
    false,
    repository.cwd,
  );
}

function chosen(
  targets: readonly string[],
  stagesFor: (target: string) => readonly Stage[],
  recursive: boolean,
  cwd: string,
): readonly Stage[] {
  const found = (targets.length === 0 ? ["dvc.yaml"] : targets).flatMap((target) =>
    findTarget(stagesFor(target), target, { cwd, glob: false, recursive }),
  );
  return [...new Set(found)];
}

/** The file that a target names, or the dvc.yaml here: `sub/dvc.yaml:train`, `data.csv.dvc`, `train`. */
function fileOf(target: string, cwd: string): string {
  const [, place] = /^(.*?dvc\.yaml|.*\.dvc)(?::.*)?$/s.exec(target) ?? [];
  const file = place !== undefined && isStageFile(place.split("/").at(-1)!) ? place : "dvc.yaml";
  return isAbsolute(file) ? file : join(cwd, file);
}

const KEYS = [
  ...["cmd", "wdir", "deps", "params", "outs", "metrics", "plots"],
  ...["frozen", "always_changed", "desc", "meta"],
];

/** A stage as `stage list --json` shows it: what is not written in its file is left out. */
export function listedStage(stage: Stage, cwd: string): Readonly<Record<string, unknown>> {
  const written = KEYS.flatMap((key) => {
    const value = stage.definition().get(key);
    return value === undefined ? [] : [[key, toJson(value)] as const];
  });
  return {
    stage: stage.name ?? stage.address,
    file: shownPath(cwd, stage.file),
    ...Object.fromEntries(written),
    ...(stage.tracked.size === 0 ? {} : { tracked: toJson(stage.tracked) }),
  };
}

/** DVC's table of addresses and short descriptions. */
export function stageTable(stages: readonly Stage[], hasDescriptions: boolean): string {
  const width = Math.max(...stages.map(({ address }) => [...address].length));
  const rows = stages.map((stage) => {
    if (!hasDescriptions) return stage.address;
    const padding = " ".repeat(width - [...stage.address].length);
    return `${stage.address}${padding}  ${cut(description(stage))}`.trimEnd();
  });
  return rows.join("\n");
}

const MAX_LENGTH = 80;

function cut(text: string): string {
  const characters = [...text];
  return characters.length > MAX_LENGTH ? `${characters.slice(0, MAX_LENGTH - 1).join("")}…` : text;
}

function description(stage: Stage): string {
  const desc = stage.definition().get("desc");
  const line =
    typeof desc === "string"
      ? desc
          .split(/\r\n|[\n\r]/)
          .find(Boolean)
          ?.trim()
      : "";
  if (line !== undefined && line !== "") return line;
  const deps = [...stage.deps, ...stage.params.map(({ file }) => file)];
  if (stage.outs.length === 0) {
    return deps.length === 0 ? "No outputs or dependencies" : `Depends on ${deps.join(", ")}`;
  }
  const made = (isOut: boolean) =>
    stage.outs.filter(({ kind }) => (kind === "out") === isOut).map(({ path }) => path);
  const [outs, reports] = [made(true), made(false)];
  return [
    ...(outs.length === 0 ? [] : [`Outputs ${outs.join(", ")}`]),
    ...(reports.length === 0 ? [] : [`Reports ${reports.join(", ")}`]),
  ].join("; ");
}
