import { existsSync } from "node:fs";
import { join, relative } from "node:path";
import type { Effects } from "../../core/effects.ts";
import { DuetMindError } from "../../core/errors.ts";
import { parseYaml } from "../../core/yaml.ts";
import { type ParamDependency, readParamFile } from "../values/param-values.ts";
import { isValueList } from "../values/value.ts";
import { parsePipelineDefinition, type StageDefinition } from "./pipeline-schema.ts";
import type { Out, PipelineStage } from "./stage.ts";
import { resolveText, resolveTyped, type TemplateSource } from "./template.ts";

/**
 * The stages of a folder's dvc.yaml, in file order, templates filled in. `cwd` is where the command was
 * called: addresses are relative to it.
 */
export async function readPipeline(
  folder: string,
  cwd: string,
  effects: Effects,
): Promise<readonly PipelineStage[]> {
  const bytes = await effects.files.readBytes(join(folder, "dvc.yaml")).catch((error: unknown) => {
    throw withoutFolder(error);
  });
  const tree = parseYaml(new TextDecoder().decode(bytes), "dvc.yaml", "DVC_YAML_SCHEMA");
  const { stages } = parsePipelineDefinition(tree, "dvc.yaml");
  const values =
    (existsSync(join(folder, "params.yaml")) && readParamFile(folder, "params.yaml")) || null;
  return Object.entries(stages).map(([name, definition]) =>
    resolveStage(name, definition, { folder, cwd, values }),
  );
}

function withoutFolder(error: unknown): unknown {
  if (!(error instanceof DuetMindError) || error.code !== "FILE_NOT_FOUND") return error;
  return new DuetMindError(
    "FILE_NOT_FOUND",
    "dvc.yaml: expected a pipeline in this folder, got no such file",
    {
      file: "dvc.yaml",
      hint: "make a project with: duetmind init DIR --from FILE.csv --target COLUMN",
      cause: error,
    },
  );
}

type Place = Readonly<{ folder: string; cwd: string; values: TemplateSource["values"] }>;

function resolveStage(name: string, definition: StageDefinition, place: Place): PipelineStage {
  const source: TemplateSource = {
    values: place.values,
    file: "dvc.yaml",
    subject: `stages.${name}`,
  };
  const fill = (text: string) => resolveText(text, source);
  const file = join(place.folder, "dvc.yaml");
  const shown = relative(place.cwd, file);
  return {
    name,
    address: shown === "dvc.yaml" ? name : `${shown}:${name}`,
    file,
    folder: join(place.folder, fill(definition.wdir ?? ".")),
    cmd: resolveCommand(definition.cmd, source),
    deps: definition.deps.map(fill),
    params: paramDependencies(definition.params, fill),
    outs: [
      ...definition.outs.flatMap((out) => resolveOut(out, "out", fill)),
      ...definition.metrics.flatMap((out) => resolveOut(out, "metric", fill)),
      ...definition.plots.flatMap((out) => resolveOut(out, "plot", fill)),
    ],
    isFrozen: definition.frozen,
    isAlwaysChanged: definition.always_changed,
    tracked: new Map(),
    definition: new Map(),
    dvcFile: null,
  };
}

function resolveCommand(cmd: StageDefinition["cmd"], source: TemplateSource): PipelineStage["cmd"] {
  if (typeof cmd !== "string") return cmd.map((line) => resolveText(line, source));
  const value = resolveTyped(cmd, source);
  return isValueList(value) ? value.map(String) : String(value);
}

const plainOut = { isCached: true, isPersistent: false, push: true, remote: null, plot: null };

type OutDefinition = StageDefinition["outs"][number] | StageDefinition["plots"][number];

function resolveOut(out: OutDefinition, kind: Out["kind"], fill: (text: string) => string): Out[] {
  if (typeof out === "string") {
    return [{ ...plainOut, path: fill(out), kind }];
  }
  return Object.entries(out).map(([path, given]) => {
    const flags = Array.isArray(given) ? (given[0] ?? {}) : given;
    return {
      ...plainOut,
      path: fill(path),
      isCached: flags.cache ?? true,
      isPersistent: flags.persist ?? false,
      push: flags.push ?? true,
      remote: flags.remote ?? null,
      kind,
    };
  });
}

/** A bare text is a key of params.yaml; the keys of one file are put together. */
function paramDependencies(
  given: StageDefinition["params"],
  fill: (text: string) => string,
): ParamDependency[] {
  const files = new Map<string, readonly string[] | null>();
  const add = (file: string, keys: readonly string[] | null) => {
    const known = files.get(file);
    const isWhole = keys === null || keys.length === 0 || known === null;
    files.set(file, isWhole ? null : [...(known ?? []), ...keys]);
  };
  for (const item of given) {
    if (typeof item === "string") add("params.yaml", [fill(item)]);
    else {
      for (const [file, keys] of Object.entries(item)) add(fill(file), keys?.map(fill) ?? null);
    }
  }
  return [...files].map(([file, keys]) => ({ file, keys }));
}
