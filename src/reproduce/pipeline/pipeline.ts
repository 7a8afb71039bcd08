import { existsSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import type { Effects } from "../../core/effects.ts";
import { DuetMindError } from "../../core/errors.ts";
import type { DvcConfig } from "../files/dvc-config.ts";
import { parseParams } from "../values/param-values.ts";
import { readValues } from "../values/read-values.ts";
import { isValueList, isValueMap, type Value, type ValueMap } from "../values/value.ts";
import { flagStyle } from "./command-flags.ts";
import { checkPipeline } from "./pipeline-schema.ts";
import { type PipelineFile, resolveStage } from "./resolve-stage.ts";
import { defaultVariables, type ScopeVariables, withVars } from "./scope-variables.ts";
import type { PipelineStage } from "./stage.ts";
import { foreachMembers, type Member, matrixMembers } from "./stage-group.ts";
import { resolveKey, resolveValue, type Scope } from "./template.ts";
import { type Place, templateError } from "./template-error.ts";

/** A dvc.yaml with its templates filled in. */
export type Pipeline = Readonly<{
  /** In file order. */
  stages: readonly PipelineStage[];
  /** Files of parameters, metrics and plots that belong to no stage, relative to the file. */
  params: readonly Value[];
  metrics: readonly Value[];
  plots: readonly Value[];
  artifacts: ValueMap;
}>;

/** Where a dvc.yaml is read: these may also be files of another revision. */
export type PipelineSource = Readonly<{
  /** Where the command was called: addresses and messages are relative to it. */
  cwd: string;
  /** The folder that holds `.dvc`. */
  root: string;
  config: DvcConfig;
  /** The text of a file, or null where there is none. */
  readText(path: string): string | null;
}>;

/** A folder's dvc.yaml. */
export async function readPipeline(
  folder: string,
  source: Omit<PipelineSource, "readText">,
  effects: Effects,
): Promise<Pipeline> {
  const path = join(folder, "dvc.yaml");
  const bytes = await effects.files.readBytes(path).catch((error: unknown) => {
    throw withoutFolder(error, relative(source.cwd, path));
  });
  const text = new TextDecoder().decode(bytes);
  return parsePipeline(text, path, { ...source, readText });
}

function readText(path: string): string | null {
  return existsSync(path) ? readFileSync(path, "utf8") : null;
}

function withoutFolder(error: unknown, shown: string): unknown {
  if (!(error instanceof DuetMindError) || error.code !== "FILE_NOT_FOUND") return error;
  return new DuetMindError(
    "FILE_NOT_FOUND",
    `${shown}: expected a pipeline in this folder, got no such file`,
    {
      file: shown,
      hint: "make a project with: duetmind init DIR --from FILE.csv --target COLUMN",
      cause: error,
    },
  );
}

/** Checks the text of a dvc.yaml, fills its templates in and repeats its groups. */
export function parsePipeline(text: string, path: string, source: PipelineSource): Pipeline {
  const file = pipelineFile(path, source);
  const tree = checkPipeline(readValues(text, file.shown, "DVC_YAML_SCHEMA"), file.shown);
  const top: Place = { file: file.shown, path: "vars" };
  const defaults = defaultVariables(file.folder, top, file.files);
  const where = { folder: file.folder, place: top, name: "" };
  const variables = withVars(defaults, listAt(tree, "vars"), where, file.files);
  const list = (key: string) =>
    listAt(tree, key).map((item, i) => resolveValue(item, scopeAt(variables, file, `${key}.${i}`)));
  const stages = [...mapAt(tree, "stages")].flatMap(([name, definition]) =>
    resolveDefinition(String(name), definition as ValueMap, variables, file),
  );
  return {
    stages,
    params: list("params"),
    metrics: list("metrics"),
    plots: list("plots"),
    artifacts: new Map(
      [...mapAt(tree, "artifacts")].map(([name, artifact]) => {
        const scope = scopeAt(variables, file, `artifacts.${name}`);
        return [resolveKey(name, scope), resolveValue(artifact, scope)] as const;
      }),
    ),
  };
}

function pipelineFile(path: string, source: PipelineSource): PipelineFile {
  const known = new Map<string, Value | undefined>();
  const shown = (each: string) => relative(source.cwd, each);
  return {
    path,
    folder: dirname(path),
    root: source.root,
    shown: shown(path),
    flags: flagStyle(source.config),
    files: {
      shown,
      read(each) {
        if (known.has(each)) return known.get(each);
        const text = source.readText(each);
        const values = text === null ? undefined : parseParams(text, shown(each));
        known.set(each, values);
        return values;
      },
    },
  };
}

/** The stage of a definition, or those of a group. */
function resolveDefinition(
  name: string,
  definition: ValueMap,
  variables: ScopeVariables,
  file: PipelineFile,
): readonly PipelineStage[] {
  const scope = (key: string) => scopeAt(variables, file, `stages.${name}.${key}`);
  const foreach = definition.get("foreach");
  if (foreach !== undefined) {
    const template = definition.get("do") as ValueMap;
    return resolveGroup(name, template, foreachMembers(foreach, scope("foreach")), variables, file);
  }
  const matrix = definition.get("matrix");
  if (isValueMap(matrix)) {
    const template = new Map([...definition].filter(([key]) => key !== "matrix"));
    return resolveGroup(name, template, matrixMembers(matrix, scope("matrix")), variables, file);
  }
  refuseName(name, { file: file.shown, path: `stages.${name}` });
  return [resolveStage(name, definition, variables, file)];
}

function resolveGroup(
  name: string,
  template: ValueMap,
  members: readonly Member[],
  variables: ScopeVariables,
  file: PipelineFile,
): readonly PipelineStage[] {
  return members.map(({ key, variables: own }) => {
    refuseName(key, { file: file.shown, path: `stages.${name}` });
    const values = new Map([...variables.values, ...own]);
    const reserved = [...own.keys()];
    return resolveStage(`${name}@${key}`, template, { ...variables, values, reserved }, file);
  });
}

/** DVC takes what follows the last @ for a member of a group, so it finds no other name that has one. */
function refuseName(name: string, place: Place): void {
  if (name !== "" && !name.includes("@")) return;
  throw templateError(place, `expected a name that is not empty and has no "@", got "${name}"`);
}

function scopeAt(variables: ScopeVariables, file: PipelineFile, path: string): Scope {
  return {
    variables: variables.values,
    flags: file.flags,
    place: { file: file.shown, path },
    kind: "other",
    use: () => {},
  };
}

function listAt(tree: ValueMap, key: string): readonly Value[] {
  const value = tree.get(key);
  return isValueList(value) ? value : [];
}

function mapAt(tree: ValueMap, key: string): ValueMap {
  const value = tree.get(key);
  return isValueMap(value) ? value : new Map();
}
