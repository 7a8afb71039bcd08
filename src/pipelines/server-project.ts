import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { type MemoryParams, memoryParams } from "../agent-memory/params.ts";
import { type ArtifactsParams, artifactsParams } from "../artifacts/params.ts";
import type { Effects } from "../core/effects.ts";
import type { Environment } from "../core/environment.ts";
import { DuetMindError } from "../core/errors.ts";
import { type DatabaseParams, databaseParams } from "../store/params.ts";
import { loadProject } from "./project.ts";

/** What a server needs of a project. */
export type ServerProject = Readonly<{
  root: string;
  env: Environment;
  database: DatabaseParams;
  artifacts: ArtifactsParams;
  memory: MemoryParams;
}>;

/** The project of a folder or, where there is none, the folder itself with every default. */
export async function loadServerProject(
  cwd: string,
  env: Environment,
  effects: Effects,
): Promise<ServerProject> {
  try {
    const project = await loadProject(cwd, env, effects);
    const { database, artifacts, memory } = project.params;
    return { root: project.root, env: project.env, database, artifacts, memory };
  } catch (error) {
    const absent = error instanceof DuetMindError && error.code === "FILE_NOT_FOUND";
    if (!absent || existsSync(resolve(cwd, "params.yaml"))) throw error;
    return {
      root: resolve(cwd),
      env,
      database: databaseParams.parse({}),
      artifacts: artifactsParams.parse({}),
      memory: memoryParams.parse({}),
    };
  }
}
