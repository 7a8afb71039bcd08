import { dirname, join, relative, resolve } from "node:path";
import type { Repository } from "../files/repository.ts";
import { resolvePath } from "../pipeline/stage.ts";
import { isValueMap, type MapKey, type Value } from "../values/value.ts";
import type { FileValues, RevisionValues } from "./file-values.ts";
import type { View } from "./view.ts";
import { openViewData } from "./view-data.ts";

/** The metrics of a view: of its stages, then those that dvc.yaml lists; or of the targets. */
export function readMetrics(
  view: View,
  targets: readonly string[],
  repository: Repository,
): RevisionValues {
  const data = openViewData(view, repository);
  const paths =
    targets.length > 0
      ? targets.map((target) => resolve(repository.cwd, target))
      : metricPaths(view);
  const files = new Set([...paths].flatMap(data.expand));
  return new Map(
    [...files].map((path): [string, FileValues] => {
      const found = data.values(path);
      const shown = relative(repository.root, path);
      if (!("value" in found)) return [shown, { failure: found }];
      return [shown, { data: onlyMetrics(found.value) ?? new Map() }];
    }),
  );
}

function metricPaths(view: View): readonly string[] {
  const own = view.stages.flatMap((stage) =>
    stage.outs.filter(({ kind }) => kind === "metric").map(({ path }) => resolvePath(stage, path)),
  );
  const listed = [...view.pipelines].flatMap(([file, pipeline]) =>
    pipeline.metrics.map((path) => join(dirname(file), String(path))),
  );
  return [...own, ...listed];
}

/** Numbers, booleans and texts; lists, nulls and mappings without any of them are no metrics. */
function onlyMetrics(value: Value): Value | undefined {
  if (value === null || Array.isArray(value)) return undefined;
  if (!isValueMap(value)) return value;
  const kept = new Map<MapKey, Value>();
  for (const [key, item] of value) {
    const metric = onlyMetrics(item);
    if (metric !== undefined && !(isValueMap(metric) && metric.size === 0)) kept.set(key, metric);
  }
  return kept;
}
