import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { Effects } from "../core/effects.ts";
import type { Environment } from "../core/environment.ts";
import { DuetMindError } from "../core/errors.ts";
import { isTree, type Layer, leaves, mergeLayers } from "../core/layers.ts";
import { VERSION } from "../core/version.ts";
import { parseYaml } from "../core/yaml.ts";
import { environmentLayer, flagLayer, parseEnvFile } from "./environment-settings.ts";
import { type BaseParams, type Params, parseBaseParams, parseParams } from "./params.ts";

/** A folder with a params.yaml, and all that was configured for it. */
export type Project<P extends BaseParams = Params> = Readonly<{
  /** Absolute path of the folder that holds params.yaml. */
  root: string;
  params: P;
  /** The process's environment over the project's `.env`. */
  env: Environment;
  /** Dotted path of each setting that somebody wrote → where. */
  origins: ReadonlyMap<string, string>;
}>;

/** A project that may have no features and no model. */
export type BaseProject = Project<BaseParams>;

export type LoadOptions = Readonly<{ set?: readonly string[] }>;

/**
 * Reads the project of a folder: defaults < params.yaml < .env < environment < flags.
 * Throws CONFIG_INVALID that names the key, what was expected and what came.
 */
export function loadProject(
  cwd: string,
  env: Environment,
  effects: Effects,
  options: LoadOptions = {},
): Promise<Project> {
  return load(parseParams, cwd, env, effects, options);
}

/** The same for what needs no features and no model: those sections may be absent. */
export function loadBaseProject(
  cwd: string,
  env: Environment,
  effects: Effects,
  options: LoadOptions = {},
): Promise<BaseProject> {
  return load(parseBaseParams, cwd, env, effects, options);
}

async function load<P extends BaseParams>(
  parse: (input: unknown) => P,
  cwd: string,
  env: Environment,
  effects: Effects,
  { set }: LoadOptions,
): Promise<Project<P>> {
  const { root, merged, ...settings } = await readSettings(cwd, env, effects, set);
  const params = parse(merged.values);
  noteVersion(params.duetmind, effects);
  return { root, params, env: settings.env, origins: merged.origins };
}

/** The settings of a project, not parsed yet. */
export async function readSettings(
  cwd: string,
  env: Environment,
  effects: Effects,
  set: readonly string[] = [],
): Promise<Readonly<{ root: string; env: Environment; merged: ReturnType<typeof mergeLayers> }>> {
  const root = findRoot(cwd);
  const decoder = new TextDecoder();
  const file = join(root, "params.yaml");
  const text = decoder.decode(await effects.files.readBytes(file));
  const envPath = join(root, ".env");
  const envFile = existsSync(envPath)
    ? parseEnvFile(decoder.decode(await effects.files.readBytes(envPath)))
    : {};
  const written = parseYaml(text, "params.yaml", "CONFIG_INVALID") ?? {};
  if (!isTree(written)) {
    throw new DuetMindError("CONFIG_INVALID", "params.yaml: expected sections such as `sources:`", {
      file: "params.yaml",
    });
  }
  const layers: Layer[] = [
    { origin: "params.yaml", values: written },
    environmentLayer(envFile, ".env"),
    environmentLayer(env, "environment"),
    flagLayer(set),
  ];
  return { root, env: { ...envFile, ...definedOnly(env) }, merged: mergeLayers(layers) };
}

export function noteVersion(written: string, effects: Effects): void {
  if (written === VERSION) return;
  const versions = `this is DuetMind ${VERSION}, params.yaml was written by ${written}`;
  effects.progress.note(`warning: ${versions}; what it makes may differ`);
}

/** The nearest folder upwards that has a params.yaml. */
function findRoot(cwd: string): string {
  for (let folder = resolve(cwd); ; folder = dirname(folder)) {
    if (existsSync(join(folder, "params.yaml"))) return folder;
    if (dirname(folder) === folder) break;
  }
  throw new DuetMindError(
    "FILE_NOT_FOUND",
    `${cwd}: expected a project (a params.yaml), got none`,
    {
      file: "params.yaml",
      hint: "make one with: duetmind init DIR --from FILE.csv --target COLUMN",
    },
  );
}

function definedOnly(env: Environment): Environment {
  return Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined));
}

export type Setting = Readonly<{ path: string; value: unknown; origin: string }>;

/** Every effective setting with its origin, in the order of the sections. */
export function effectiveSettings(project: BaseProject): Setting[] {
  return leaves(project.params).map(([path, value]) => ({
    path,
    value,
    origin: originOf(path, project.origins),
  }));
}

function originOf(path: string, origins: ReadonlyMap<string, string>): string {
  for (let at = path; at !== ""; at = at.slice(0, Math.max(0, at.lastIndexOf(".")))) {
    const origin = origins.get(at);
    if (origin !== undefined) return origin;
  }
  return "default";
}
