import { existsSync, readFileSync } from "node:fs";
import { join, parse } from "node:path";
import { DuetMindError } from "../../../core/errors.ts";
import type { Repository } from "../../files/repository.ts";
import { readJson } from "../../values/read-json.ts";
import { isValueMap, type Value, type ValueMap } from "../../values/value.ts";
import type { ReadFailure } from "../read-failure.ts";
import { type PlotDefinitions, type PlotProps, plotSources } from "./plot-definitions.ts";
import { type PlotPoints, PlotProblem, type Point, plotPoints } from "./plot-points.ts";
import { isImage, type PlotSource } from "./plot-sources.ts";
import { builtinTemplate, TEMPLATE_NAMES } from "./plot-templates.ts";

/** What one revision gives to plots. */
export type PlotData = Readonly<{
  definitions: PlotDefinitions;
  sources: ReadonlyMap<string, PlotSource>;
}>;

/** A plot of all revisions: points under a template. */
export type Plot = Readonly<{
  kind: "points";
  name: string;
  points: readonly Point[];
  x: string;
  y: string;
  title: Value;
  xLabel: Value;
  yLabel: Value;
  series: PlotPoints["series"];
  /** Those that have points. */
  revisions: readonly string[];
  templateName: string;
  template: ValueMap;
}>;

export type ImagePlot = Readonly<{
  kind: "images";
  name: string;
  images: readonly Readonly<{ revision: string; filename: string; bytes: Buffer }>[];
}>;

export type PlotFailure = Readonly<{
  name: string;
  revision: string;
  /** The file that could not be read; null: the plot itself. */
  source: string | null;
  failure: ReadFailure;
}>;

export type Plots = Readonly<{
  plots: readonly (Plot | ImagePlot)[];
  failures: readonly PlotFailure[];
}>;

/** Puts what revisions say of each plot together; the first revision's words on it count. */
export function gatherPlots(
  revisions: ReadonlyMap<string, PlotData>,
  repository: Repository,
): Plots {
  const plots: (Plot | ImagePlot)[] = [];
  const failures: PlotFailure[] = [];
  for (const [name, group] of groupById(revisions)) {
    const failed: PlotFailure[] = [];
    const props = new Map(group.toReversed().flatMap((each) => [...each.props]));
    const id = group.at(-1)!.id;
    for (const each of group) {
      for (const source of plotSources(each.id, each.props)) {
        const found = each.sources.get(source);
        if (found === undefined || !("failure" in found)) continue;
        failed.push({ name: isImage(id) ? id : name, revision: each.revision, source, ...found });
      }
    }
    plots.push(
      isImage(id)
        ? gatherImages(id, group)
        : gatherPoints(name, group, props, repository, (revision, failure) => {
            failed.push({ name, revision, source: null, failure });
          }),
    );
    failures.push(...failed);
  }
  return { plots, failures };
}

type Member = Readonly<{
  revision: string;
  id: string;
  props: PlotProps;
  sources: ReadonlyMap<string, PlotSource>;
}>;

/** An id that several files define is told apart by its file: `sub/dvc.yaml::loss`. */
function groupById(
  revisions: ReadonlyMap<string, PlotData>,
): ReadonlyMap<string, readonly Member[]> {
  const groups = new Map<string, Member[]>();
  for (const [revision, { definitions, sources }] of revisions) {
    const byId = new Map<string, (readonly [config: string, props: PlotProps])[]>();
    for (const [config, plots] of definitions) {
      for (const [id, props] of plots) byId.set(id, [...(byId.get(id) ?? []), [config, props]]);
    }
    for (const [id, found] of byId) {
      for (const [config, props] of found) {
        const name = found.length > 1 && config !== "" ? `${config}::${id}` : id;
        const member = { revision, id, props, sources };
        groups.set(name, [...(groups.get(name) ?? []), member]);
      }
    }
  }
  return groups;
}

function gatherImages(name: string, group: readonly Member[]): ImagePlot {
  const images = group.flatMap(({ revision, id, sources }) => {
    const found = sources.get(id);
    if (found === undefined || !("image" in found) || found.image.length === 0) return [];
    return [{ revision, filename: id, bytes: found.image }];
  });
  return { kind: "images", name, images };
}

function gatherPoints(
  name: string,
  group: readonly Member[],
  props: PlotProps,
  repository: Repository,
  fail: (revision: string, failure: ReadFailure) => void,
): Plot {
  const found: (PlotPoints & Readonly<{ revision: string }>)[] = [];
  for (const { revision, id, props: own, sources } of group) {
    try {
      const points = plotPoints(id, props, valuesOf(plotSources(id, own), sources), revision);
      if (points !== null) found.push({ ...points, revision });
    } catch (error) {
      if (!(error instanceof PlotProblem)) throw error;
      fail(revision, error.failure);
    }
  }
  const [first] = found;
  const templateName = String(props.get("template") ?? "linear");
  return {
    kind: "points",
    name,
    points: found.flatMap(({ points }) => points),
    x: first?.x ?? "",
    y: first?.y ?? "",
    title: props.get("title") ?? name,
    xLabel: first?.xLabel ?? null,
    yLabel: first?.yLabel ?? null,
    series: first?.series ?? [],
    revisions: [...new Set(found.map(({ revision }) => revision))],
    templateName,
    template: first === undefined ? new Map() : findTemplate(templateName, repository),
  };
}

function valuesOf(
  files: readonly string[],
  sources: ReadonlyMap<string, PlotSource>,
): ReadonlyMap<string, Value> {
  return new Map(
    files.flatMap((file) => {
      const found = sources.get(file);
      return found !== undefined && "value" in found ? [[file, found.value] as const] : [];
    }),
  );
}

/** A file of `.dvc/plots` or of the folder of the call, else one of DVC's own. */
function findTemplate(name: string, { root, cwd }: Repository): ValueMap {
  const own = join(root, ".dvc", "plots");
  const { dir, name: stem } = parse(name);
  const path = [join(own, name), join(own, dir, `${stem}.json`), join(cwd, name)].find(existsSync);
  const builtin = path === undefined ? builtinTemplate(name) : null;
  if (builtin !== null) return builtin;
  if (path === undefined) {
    throw new DuetMindError(
      "NOT_FOUND",
      `template: expected a file or one of ${TEMPLATE_NAMES.join(", ")}, got "${name}"`,
    );
  }
  const content = readJson(readFileSync(path, "utf8"), name);
  if (isValueMap(content)) return content;
  throw new DuetMindError("BAD_INPUT", `${name}: expected a JSON object of Vega-Lite, got none`, {
    file: name,
  });
}
