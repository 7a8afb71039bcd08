import { dirname, join, relative, resolve } from "node:path";
import type { Repository } from "../files/repository.ts";
import { resolvePath } from "../pipeline/stage.ts";
import { lookUp } from "../values/param-values.ts";
import type { MapKey, Value } from "../values/value.ts";
import type { FileValues, RevisionValues } from "./file-values.ts";
import type { View } from "./view.ts";
import { openViewData, type ViewData } from "./view-data.ts";

const DEFAULT_FILE = "params.yaml";

export type ParamsQuery = Readonly<{
  targets: readonly string[];
  /** Only what stages depend on. */
  depsOnly: boolean;
}>;

/** The parameters of a view: of its stages, those that dvc.yaml lists, params.yaml, and used variables. */
export function readParams(
  view: View,
  { targets, depsOnly }: ParamsQuery,
  repository: Repository,
): RevisionValues {
  const data = openViewData(view, repository);
  const asked =
    targets.length > 0
      ? new Map(targets.map((target) => [resolve(repository.cwd, target), null]))
      : paramFiles(view, depsOnly, repository, data);
  const values = new Map<string, FileValues>();
  for (const [path, keys] of asked) {
    for (const file of data.expand(path)) {
      values.set(relative(repository.root, file), readFile(data, file, keys));
    }
  }
  if (targets.length > 0) return values;
  for (const [path, used] of usedVariables(view, repository)) {
    if (!values.has(path)) values.set(path, { data: used });
  }
  return values;
}

type Asked = ReadonlyMap<string, readonly string[] | null>;

/** File → the keys that are asked of it; null: all of them, which anybody's wish for them makes it. */
function paramFiles(view: View, depsOnly: boolean, { root }: Repository, data: ViewData): Asked {
  const asked = new Map<string, readonly string[] | null>();
  const ask = (path: string, keys: readonly string[] | null) => {
    const known = asked.get(path);
    const isWhole = keys === null || keys.length === 0 || known === null;
    asked.set(path, isWhole ? null : [...(known ?? []), ...keys]);
  };
  for (const stage of view.stages) {
    for (const { file, keys } of stage.params) ask(resolvePath(stage, file), keys);
  }
  if (depsOnly) return asked;
  for (const [file, pipeline] of view.pipelines) {
    for (const path of pipeline.params) ask(join(dirname(file), String(path)), null);
  }
  const standard = join(root, DEFAULT_FILE);
  if (Buffer.isBuffer(data.bytes(standard))) ask(standard, null);
  return asked;
}

function readFile(data: ViewData, path: string, keys: readonly string[] | null): FileValues {
  const found = data.values(path);
  if (!("value" in found)) return { failure: found };
  return { data: keys === null ? found.value : pick(found.value, keys) };
}

/** The values at dotted keys, each in its place. */
function pick(content: Value, keys: readonly string[]): Value {
  const picked = new Map<MapKey, Value>();
  for (const key of new Set(keys)) {
    const value = lookUp(content, key);
    if (value === undefined) continue;
    const parts = key.split(".");
    let place = picked;
    for (const part of parts.slice(0, -1)) {
      const known = place.get(part);
      const next = known instanceof Map ? new Map(known) : new Map<MapKey, Value>();
      place.set(part, next);
      place = next;
    }
    place.set(parts.at(-1)!, value);
  }
  return picked;
}

function usedVariables(view: View, { root, cwd }: Repository): ReadonlyMap<string, Value> {
  const used = new Map<string, Map<MapKey, Value>>();
  for (const { tracked } of view.stages) {
    for (const [file, values] of tracked) {
      const path = relative(root, resolve(cwd, file));
      const known = used.get(path) ?? new Map<MapKey, Value>();
      for (const [key, value] of values) known.set(key, value);
      used.set(path, known);
    }
  }
  return used;
}
