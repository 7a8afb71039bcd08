import { join } from "node:path";
import type { MapKey, Value } from "../../values/value.ts";
import { failureJson, type ReadFailure } from "../read-failure.ts";
import { fillTemplate } from "./fill-template.ts";
import type { ImagePlot, Plot, PlotFailure, Plots } from "./plots.ts";

export type PlotsJsonOptions = Readonly<{
  split: boolean;
  /** Absolute folder of the images. */
  imageFolder: string;
  /** Revisions that could not be read at all. */
  failed: ReadonlyMap<string, ReadFailure>;
}>;

/** DVC's JSON of plots; what is empty is left out. */
export function plotsJson({ plots, failures }: Plots, options: PlotsJsonOptions): Value {
  const data = new Map<MapKey, Value>(
    plots.map((plot) => [
      plot.name,
      plot.kind === "images" ? imagesJson(plot, options) : pointsJson(plot, options),
    ]),
  );
  const errors = [
    ...failures.map(plotFailureJson),
    ...[...options.failed].map(([revision, failure]) =>
      merged(new Map([["rev", revision]]), failureJson(failure)),
    ),
  ];
  const json = new Map<MapKey, Value>();
  if (errors.length > 0) json.set("errors", errors);
  if (data.size > 0) json.set("data", data);
  return json;
}

function pointsJson(plot: Plot, { split }: PlotsJsonOptions): Value {
  if (plot.points.length === 0) return [];
  const filled = fillTemplate(plot, split);
  const json = new Map<MapKey, Value>([
    ["type", "vega"],
    ["revisions", plot.revisions],
    ["content", filled.content],
  ]);
  if (split) json.set("anchor_definitions", filled.split);
  return [json];
}

function imagesJson(plot: ImagePlot, { imageFolder }: PlotsJsonOptions): Value {
  return plot.images.map(
    (image): Value =>
      new Map<MapKey, Value>([
        ["type", "image"],
        ["revisions", [image.revision]],
        ["url", join(imageFolder, imageName(image))],
      ]),
  );
}

/** `workspace_images_a.png` */
export function imageName(image: ImagePlot["images"][number]): string {
  return `${image.revision}_${image.filename}`.replaceAll("/", "_");
}

function plotFailureJson({ name, revision, source, failure }: PlotFailure): Value {
  const json = new Map<MapKey, Value>([
    ["name", name],
    ["rev", revision],
  ]);
  if (source !== null) json.set("source", source);
  return merged(json, failureJson(failure));
}

function merged(a: Map<MapKey, Value>, b: Value): Value {
  return new Map([...a, ...(b as ReadonlyMap<MapKey, Value>)]);
}
