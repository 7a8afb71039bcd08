import { isAbsolute, join, relative } from "node:path";
import type { ParamDependency } from "../values/param-values.ts";
import { isValueList, isValueMap, type Value, type ValueMap } from "../values/value.ts";
import type { FlagStyle } from "./command-flags.ts";
import { type ScopeVariables, type VariableFiles, withVars } from "./scope-variables.ts";
import type { Out, PipelineStage, PlotProperties } from "./stage.ts";
import { hasTemplates, resolveText, resolveValue, type Scope } from "./template.ts";
import { inside, type Place, templateError } from "./template-error.ts";
import { bareValue, type Variable } from "./variables.ts";

/** The dvc.yaml around a stage. */
export type PipelineFile = Readonly<{
  /** Absolute path. */
  path: string;
  folder: string;
  /** The folder that holds `.dvc`: absolute paths below it are as good as relative ones. */
  root: string;
  /** As messages and addresses name it. */
  shown: string;
  flags: FlagStyle;
  files: VariableFiles;
}>;

/** One stage with its templates filled in. */
export function resolveStage(
  name: string,
  definition: ValueMap,
  variables: ScopeVariables,
  file: PipelineFile,
): PipelineStage {
  const place: Place = { file: file.shown, path: `stages.${name}` };
  const vars = definition.get("vars");
  const folder = stageFolder(definition, variables, place, file);
  const own = isValueList(vars)
    ? withVars(
        variables,
        vars,
        { folder, place: inside(place, "vars"), name: `${name}.` },
        file.files,
      )
    : variables;
  const tracked = new Map<string, Map<string, Value>>();
  const resolved = new Map<string, Value>();
  for (const [key, value] of definition) {
    if (key === "vars" || typeof key !== "string") continue;
    if (!hasTemplates(value)) {
      resolved.set(key, value);
      continue;
    }
    resolved.set(
      key,
      resolveValue(value, {
        variables: own.values,
        flags: file.flags,
        place: inside(place, key),
        kind: key === "cmd" ? "command" : "stage",
        use: (variable) => track(variable, tracked),
      }),
    );
  }
  return toStage(name, resolved, { folder, place, tracked, file });
}

/** The working folder is known before the stage's own vars, whose files lie in it. */
function stageFolder(
  definition: ValueMap,
  variables: ScopeVariables,
  place: Place,
  file: PipelineFile,
): string {
  const wdir = definition.get("wdir");
  if (wdir === undefined || wdir === "") return file.folder;
  const scope: Scope = {
    variables: variables.values,
    flags: file.flags,
    place: inside(place, "wdir"),
    kind: "stage",
    use: () => {},
  };
  const path = textOf(resolveText(String(wdir), scope), place, "wdir");
  return isAbsolute(path) ? join(path) : join(file.folder, path);
}

/** Mappings are not remembered, only the lists and leaves that were named. */
function track(variable: Variable, tracked: Map<string, Map<string, Value>>): void {
  const { origin } = variable;
  if (origin?.isFile !== true || variable.kind === "map") return;
  const values = tracked.get(origin.source) ?? new Map<string, Value>();
  tracked.set(origin.source, values.set(origin.path, bareValue(variable)));
}

type Around = Readonly<{
  folder: string;
  place: Place;
  tracked: PipelineStage["tracked"];
  file: PipelineFile;
}>;

function toStage(
  name: string,
  resolved: ReadonlyMap<string, Value>,
  { folder, place, tracked, file }: Around,
): PipelineStage {
  const items = (key: string): readonly Value[] => {
    const value = resolved.get(key);
    return isValueList(value) ? value : [];
  };
  const path = (value: Value, key: string) => {
    const text = textOf(value, place, key);
    const isInside = isAbsolute(text) && join(text).startsWith(`${file.root}/`);
    return isInside ? relative(folder, text) : text;
  };
  const outs = (key: string, kind: Out["kind"]) =>
    mergedFlags(items(key)).map(([given, flags]) => toOut(path(given, key), kind, flags));
  const cmd = resolved.get("cmd")!;
  return {
    name,
    address: file.shown === "dvc.yaml" ? name : `${file.shown}:${name}`,
    file: file.path,
    folder,
    cmd: isValueList(cmd)
      ? cmd.map((line) => textOf(line, place, "cmd"))
      : textOf(cmd, place, "cmd"),
    deps: items("deps").map((dep) => path(dep, "deps")),
    params: paramDependencies(items("params"), place),
    outs: [...outs("outs", "out"), ...outs("metrics", "metric"), ...outs("plots", "plot")],
    isFrozen: resolved.get("frozen") === true,
    isAlwaysChanged: resolved.get("always_changed") === true,
    tracked,
    definition: () => resolved,
    dvcFile: null,
  };
}

const NO_FLAGS: ValueMap = new Map();

/** The flags of a path that is listed twice are put together. */
function mergedFlags(items: readonly Value[]): (readonly [Value, ValueMap])[] {
  const merged = new Map<Value, ValueMap>();
  const add = (path: Value, flags: ValueMap) => {
    const known = merged.get(path);
    merged.set(path, known === undefined ? flags : new Map([...known, ...flags]));
  };
  for (const item of items) {
    if (!isValueMap(item)) add(item, NO_FLAGS);
    else for (const [path, flags] of item) add(path, isValueMap(flags) ? flags : NO_FLAGS);
  }
  return [...merged];
}

const PLOT_KEYS = ["x", "y", "x_label", "y_label", "title", "template", "header"];

function toOut(path: string, kind: Out["kind"], flags: ValueMap): Out {
  const remote = flags.get("remote");
  return {
    path,
    kind,
    isCached: flags.get("cache") !== false,
    isPersistent: flags.get("persist") === true,
    push: flags.get("push") !== false,
    remote: typeof remote === "string" ? remote : null,
    plot: kind === "plot" ? plotProperties(flags) : null,
  };
}

function plotProperties(flags: ValueMap): PlotProperties {
  const properties = [...flags].filter(([key]) => PLOT_KEYS.includes(String(key)));
  return Object.fromEntries(properties) as PlotProperties; // the schema takes texts, and one boolean
}

/** A bare text is a key of params.yaml; keys of one file are put together, no keys are all of them. */
function paramDependencies(items: readonly Value[], place: Place): ParamDependency[] {
  const whole = new Set<string>();
  for (const item of items.filter(isValueMap)) {
    for (const [file, keys] of item)
      if (!isValueList(keys) || keys.length === 0) whole.add(String(file));
  }
  const files = new Map<string, readonly string[] | null>();
  const add = (file: string, keys: readonly string[]) =>
    files.set(file, whole.has(file) ? null : [...(files.get(file) ?? []), ...keys]);
  for (const item of items) {
    if (isValueMap(item)) {
      for (const [file, keys] of item) {
        const list = isValueList(keys) ? keys : [];
        add(
          textOf(file, place, "params"),
          list.map((key) => textOf(key, place, "params")),
        );
      }
    } else if (!whole.has("params.yaml")) add("params.yaml", [textOf(item, place, "params")]);
  }
  return [...files].map(([file, keys]) => ({ file, keys }));
}

function textOf(value: Value, place: Place, key: string): string {
  if (typeof value === "string") return value;
  const shown = isValueMap(value) || isValueList(value) ? "a list or mapping" : String(value);
  throw templateError(inside(place, key), `expected a text after templates, got ${shown}`);
}
