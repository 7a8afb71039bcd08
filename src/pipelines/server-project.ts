import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { MemoryParams } from "../agent-memory/params.ts";
import type { ArtifactsParams } from "../artifacts/params.ts";
import type { Effects } from "../core/effects.ts";
import type { Environment } from "../core/environment.ts";
import { DuetMindError } from "../core/errors.ts";
import type { DatabaseParams } from "../store/params.ts";
import { environmentLayer } from "./environment-settings.ts";
import { parseBaseParams } from "./params.ts";
import { noteVersion, readSettings } from "./project.ts";

/** What a server needs of a project. */
export type ServerProject = Readonly<{
  root: string;
  env: Environment;
  database: DatabaseParams;
  artifacts: ArtifactsParams;
  memory: MemoryParams;
}>;

/**
 * The project of a folder or, where there is none, the folder itself. There the environment is all that
 * sets anything: a `.env` that happens to lie in it may be of another program.
 */
export async function loadServerProject(
  cwd: string,
  env: Environment,
  effects: Effects,
): Promise<ServerProject> {
  const { root, env: variables, values } = await settingsOf(cwd, env, effects);
  const { duetmind, database, artifacts, memory } = parseBaseParams(values);
  noteVersion(duetmind, effects);
  return { root, env: variables, database, artifacts, memory };
}

async function settingsOf(cwd: string, env: Environment, effects: Effects) {
  try {
    const { merged, ...settings } = await readSettings(cwd, env, effects);
    return { ...settings, values: merged.values };
  } catch (error) {
    const absent = error instanceof DuetMindError && error.code === "FILE_NOT_FOUND";
    if (!absent || existsSync(resolve(cwd, "params.yaml"))) throw error;
    return { root: resolve(cwd), env, values: environmentLayer(env, "environment").values };
  }
}
