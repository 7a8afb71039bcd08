import { existsSync, readdirSync } from "node:fs";
import { isAbsolute, join, posix, relative } from "node:path";
import type { Effects } from "../core/effects.ts";
import { type Digest, digestBytes } from "../core/hash.ts";
import type { StageName } from "../registry/stage-record-queries.ts";
import type { BaseProject } from "./project.ts";

/** A record file of a project. Its digest is that of its bytes. */
export type FoundRecord = Readonly<{
  stage: StageName;
  /** Relative to the project, with forward slashes. */
  path: string;
  text: string;
  digest: Digest;
}>;

/** The records of a project in the order in which they must be imported: data, features, train. */
export async function findRecords(project: BaseProject, effects: Effects): Promise<FoundRecord[]> {
  const { raw, processed, models } = project.params.data;
  const found: FoundRecord[] = [];
  for (const [stage, path] of [
    ["data", posix.join(raw, "data.record.json")],
    ["features", posix.join(processed, "features.record.json")],
    ...modelFolders(project, models).map(
      (name) => ["train", posix.join(models, name, "train.record.json")] as const,
    ),
  ] as const) {
    if (existsSync(join(project.root, path))) {
      found.push(await readRecord(project, stage, path, effects));
    }
  }
  return found;
}

export async function readRecord(
  project: BaseProject,
  stage: StageName,
  path: string,
  effects: Effects,
): Promise<FoundRecord> {
  const absolute = isAbsolute(path) ? path : join(project.root, path);
  const bytes = await effects.files.readBytes(absolute);
  return {
    stage,
    path: relative(project.root, absolute).replaceAll("\\", "/"),
    text: new TextDecoder().decode(bytes),
    digest: digestBytes(bytes),
  };
}

function modelFolders(project: BaseProject, models: string): string[] {
  const folder = join(project.root, models);
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();
}
