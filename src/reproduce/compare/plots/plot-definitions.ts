import { dirname, join, normalize, relative } from "node:path";
import type { Repository } from "../../files/repository.ts";
import { resolvePath } from "../../pipeline/stage.ts";
import { isValueMap, type MapKey, type Value, type ValueMap } from "../../values/value.ts";
import type { View } from "../view.ts";
import type { ViewData } from "../view-data.ts";

/** What is said of one plot: x, y, template, title and labels, sources as seen from the folder of the call. */
export type PlotProps = ReadonlyMap<string, Value>;

/** The dvc.yaml that defines plots (empty: stages, or the command line) → id of a plot → what is said of it. */
export type PlotDefinitions = ReadonlyMap<string, ReadonlyMap<string, PlotProps>>;

export type PlotQuery = Readonly<{
  targets: readonly string[];
  /** What the command line says of every plot. */
  props: PlotProps;
}>;

/** The plots of a view: those that dvc.yaml defines, those of stages, and files that are asked for. */
export function collectDefinitions(
  view: View,
  data: ViewData,
  { targets, props }: PlotQuery,
  { cwd }: Repository,
): PlotDefinitions {
  const found = new Map<string, Map<string, PlotProps>>();
  const add = (config: string, id: string, more: PlotProps) => {
    const plots = found.get(config) ?? new Map<string, PlotProps>();
    found.set(config, plots.set(id, new Map([...(plots.get(id) ?? []), ...more])));
  };
  const expand = (path: string) => data.expand(join(cwd, path)).map((file) => relative(cwd, file));
  for (const [file, pipeline] of view.pipelines) {
    if (pipeline.plots.length === 0) continue;
    const config = relative(cwd, file);
    found.set(config, new Map());
    const folder = dirname(config);
    const plots = pipeline.plots.map(toDefinition);
    const places = plots.map(([id]) => normalize(join(folder, id)));
    for (const [id, own] of plots) {
      if (!isWanted(targets, config, id)) continue;
      if (isValueMap(own.get("y"))) {
        add(config, id, new Map([...withSources(own, folder), ...props]));
        continue;
      }
      const place = normalize(join(folder, id));
      for (const path of expand(place)) {
        const nearest = closestParent(path, places);
        if (nearest === place) add(config, path, new Map([...own, ...props]));
      }
    }
  }
  for (const stage of view.stages) {
    const config = relative(cwd, stage.file);
    for (const out of stage.outs) {
      if (out.kind !== "plot") continue;
      const path = relative(cwd, resolvePath(stage, out.path));
      if (!isWanted(targets, config, path)) continue;
      const own = Object.entries(out.plot ?? {}) as [string, Value][];
      for (const file of expand(path)) add("", file, new Map([...own, ...props]));
    }
  }
  for (const target of targets) {
    const isThere =
      data.isFolder(join(cwd, target)) || Buffer.isBuffer(data.bytes(join(cwd, target)));
    if (found.size === 0 || isThere) for (const file of expand(target)) add("", file, props);
  }
  return found;
}

function toDefinition(item: Value): readonly [id: string, props: PlotProps] {
  if (!isValueMap(item)) return [String(item), new Map()];
  const [id, props] = [...item][0] ?? ["", null];
  return [String(id), isValueMap(props) ? textKeys(props) : new Map()];
}

function textKeys(map: ValueMap): PlotProps {
  return new Map([...map].map(([key, value]: [MapKey, Value]) => [String(key), value]));
}

/** Targets are patterns that an id, or `dvc.yaml::id`, begins with. */
function isWanted(targets: readonly string[], config: string, id: string): boolean {
  const fullId = config === "" ? id : `${config}::${id}`;
  return targets.length === 0 || targets.some((target) => begins(target, [id, fullId]));
}

function begins(target: string, ids: readonly string[]): boolean {
  try {
    const pattern = new RegExp(`^(?:${target})`);
    return ids.some((id) => pattern.test(id));
  } catch {
    return ids.some((id) => id.startsWith(target));
  }
}

/** Files of x and y are written from the folder of their dvc.yaml. */
function withSources(props: PlotProps, folder: string): PlotProps {
  const from = (axis: Value | undefined): Value => {
    const files = isValueMap(axis) ? [...axis] : [];
    return new Map(files.map(([file, fields]) => [normalize(join(folder, String(file))), fields]));
  };
  const moved = new Map(props);
  if (isValueMap(props.get("x"))) moved.set("x", from(props.get("x")));
  return moved.set("y", from(props.get("y")));
}

/** Of a folder and a file in it that are both defined, the file's own definition counts. */
function closestParent(path: string, places: readonly string[]): string {
  let best = "";
  for (const place of places) {
    const isAround = path === place || path.startsWith(`${place}/`);
    if (isAround && place.length > best.length) best = place;
  }
  return best;
}

/** The files that a plot takes its points from. */
export function plotSources(id: string, props: PlotProps): readonly string[] {
  const [x, y] = [props.get("x"), props.get("y")];
  const sources = isValueMap(y) ? [...y.keys()].map(String) : [id];
  const [first] = isValueMap(x) ? [...x.keys()].map(String) : [];
  return [...new Set(first === undefined ? sources : [...sources, first])];
}
