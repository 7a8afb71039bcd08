import { extname, join, relative } from "node:path";
import type { Repository } from "../../files/repository.ts";
import { resolvePath } from "../../pipeline/stage.ts";
import type { Value } from "../../values/value.ts";
import { type ReadFailure, undecodableFile } from "../read-failure.ts";
import type { View } from "../view.ts";
import { decodeText, parseValues, type ViewData } from "../view-data.ts";
import { csvRows } from "./csv-rows.ts";
import { type PlotDefinitions, type PlotQuery, plotSources } from "./plot-definitions.ts";

/** What a source of points holds: values, the bytes of an image, or why it gives nothing. */
export type PlotSource = Readonly<{ value: Value } | { image: Buffer } | { failure: ReadFailure }>;

const IMAGES = new Set([".jpg", ".jpeg", ".gif", ".png", ".svg"]);
const VALUES = new Set([".yaml", ".yml", ".json", ".toml", ".py"]);

export function isImage(path: string): boolean {
  return IMAGES.has(extname(path));
}

/** Every file that the plots of a view need, read once. */
export function readSources(
  view: View,
  data: ViewData,
  definitions: PlotDefinitions,
  { props }: PlotQuery,
  { cwd }: Repository,
): ReadonlyMap<string, PlotSource> {
  const headers = new Map<string, Value>();
  for (const stage of view.stages) {
    for (const out of stage.outs) {
      const path = relative(cwd, resolvePath(stage, out.path));
      if (out.plot?.header !== undefined) headers.set(path, out.plot.header);
    }
  }
  const sources = new Map<string, PlotSource>();
  for (const plots of definitions.values()) {
    for (const [id, own] of plots) {
      for (const path of plotSources(id, own)) {
        if (sources.has(path)) continue;
        const header = props.get("header") ?? headers.get(path);
        sources.set(path, readSource(data, join(cwd, path), path, header !== false));
      }
    }
  }
  return sources;
}

function readSource(data: ViewData, path: string, shown: string, hasHeader: boolean): PlotSource {
  const extension = extname(path);
  const isTable = extension === ".csv" || extension === ".tsv";
  const isKnown = isTable || VALUES.has(extension) || isImage(path);
  if (!isKnown) return { failure: unknownFormat(shown) };
  const bytes = data.bytes(path);
  if (!Buffer.isBuffer(bytes)) return { failure: bytes };
  if (isImage(path)) return { image: bytes };
  if (!isTable) {
    const found = parseValues(bytes, shown, "utf8");
    return "value" in found ? found : { failure: found };
  }
  const text = decodeText(bytes);
  if (text === null) return { failure: undecodableFile(shown, "utf8") };
  return { value: csvRows(text, extension === ".tsv" ? "\t" : ",", hasHeader) };
}

function unknownFormat(shown: string): ReadFailure {
  return {
    type: "PlotMetricTypeError",
    message: `'${shown}' - file type error\nOnly JSON, YAML, CSV and TSV formats are supported.`,
  };
}
