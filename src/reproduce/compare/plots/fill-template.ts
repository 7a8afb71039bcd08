import { DuetMindError } from "../../../core/errors.ts";
import {
  isValueList,
  isValueMap,
  type MapKey,
  type Value,
  type ValueMap,
} from "../../values/value.ts";
import type { Point } from "./plot-points.ts";
import { anchor } from "./plot-templates.ts";
import type { Plot } from "./plots.ts";

/** A specification with all anchors filled, or with those of `SPLIT` kept apart. */
export type FilledTemplate = Readonly<{ content: ValueMap; split: ReadonlyMap<string, Value> }>;

/** Anchors that a viewer fills itself, where it asks for the two apart. */
const SPLIT: ReadonlySet<string> = new Set([
  ...["color", "data", "plot_height", "plot_width", "shape", "stroke_dash", "title", "tooltip"],
  ...["x_label", "y_label", "zoom_and_pan"],
]);

/** Anchors that a template may have; what remains of them is filled with nothing. */
const OPTIONAL = [
  ...["color", "column", "group_by_x", "group_by_y", "group_by", "pivot_field", "plot_height"],
  ...["plot_width", "row", "shape", "stroke_dash", "tooltip", "zoom_and_pan"],
];

const RANGES: Readonly<Record<string, readonly Value[]>> = {
  stroke_dash: [
    [1n, 0n],
    [8n, 8n],
    [8n, 4n],
    [4n, 4n],
    [4n, 2n],
    [2n, 1n],
    [1n, 1n],
  ],
  color: ["#945dd6", "#13adc7", "#f46837", "#48bb78", "#4299e1", "#ed8936", "#f56565"],
  shape: ["circle", "square", "triangle", "diamond"],
};

/** The colours of revisions, in turn. */
export const COLORS = RANGES["color"] as readonly string[];

const SEPARATOR = "::";

export function fillTemplate(plot: Plot, isSplit: boolean): FilledTemplate {
  let content = plot.template;
  const split = new Map<string, Value>();
  const open = new Set(OPTIONAL.filter((name) => hasAnchor(plot.template, anchor(name))));
  const { x, y, series } = plot;
  const fill = (name: string, value: Value) => {
    if (isSplit && SPLIT.has(name)) split.set(anchor(name), value);
    else content = replaceAnchor(content, anchor(name), value) as ValueMap;
  };
  const fillOpen = (name: string, value: Value) => {
    if (open.delete(name)) fill(name, value);
  };
  requireFields(plot);
  const hasOptional = open.size > 0;
  fillOpen("color", scaleOf("rev", "color", plot.revisions));
  fillOpen("zoom_and_pan", map({ name: "grid", select: "interval", bind: "scales" }));
  fillOpen("plot_height", 300n);
  fillOpen("plot_width", 300n);
  const varied = series.length <= 1 ? [] : variedKeys(series);
  const concat = varied.join(SEPARATOR);
  const groups = series.length <= 1 ? ["rev"] : ["rev", concat];
  fillOpen("group_by", groups);
  fillOpen("group_by_x", [...groups, x]);
  fillOpen("group_by_y", [...groups, y]);
  const pivot = ["rev", ...varied].map((key) => `datum.${key}`).join(` + '${SEPARATOR}' + `);
  fillOpen("pivot_field", pivot);
  const tooltip = ["rev", x, y, ...(series.length <= 1 ? [] : [concat])];
  if (series.length > 1) {
    fillOpen("row", map({ field: concat, sort: [] }));
    fillOpen("column", map({ field: concat, sort: [] }));
  }
  fillOpen(
    "tooltip",
    tooltip.map((field) => map({ field })),
  );
  if (series.length > 1) {
    const domain = [...new Set(series.map((each) => nameOf(each, varied)))].sort();
    fillOpen("stroke_dash", scaleOf(concat, "stroke_dash", domain));
    fillOpen("shape", scaleOf(concat, "shape", domain));
  } else {
    for (const name of open) content = replaceAnchor(content, anchor(name), new Map()) as ValueMap;
  }
  fill("title", plot.title);
  fill("x", escapeField(x));
  fill("y", escapeField(y));
  if (plot.xLabel !== null) fill("x_label", plot.xLabel);
  if (plot.yLabel !== null) fill("y_label", plot.yLabel);
  const points = hasOptional
    ? plot.points.map((point) => shortenPoint(point, varied))
    : plot.points;
  if (!isSplit && !hasAnchor(plot.template, anchor("data"))) {
    throw new DuetMindError(
      "BAD_INPUT",
      `template of the plot "${plot.name}": expected the anchor ${anchor("data")}, got none`,
    );
  }
  fill("data", points);
  return { content, split };
}

function map(fields: Readonly<Record<string, Value>>): ValueMap {
  return new Map(Object.entries(fields));
}

/** Fields that some point has; a template cannot draw others. */
function requireFields({ name, points, x, y }: Plot): void {
  for (const field of [x, y]) {
    if (points.some((point) => point.has(field))) continue;
    throw new DuetMindError(
      "COLUMN_NOT_FOUND",
      `plot "${name}": expected the field "${field}" in its data, got none`,
    );
  }
}

type Series = Plot["series"][number];
type SeriesKey = keyof Series;

/** Whether series differ in their file, their field, or both. */
function variedKeys(series: readonly Series[]): readonly SeriesKey[] {
  const keys = (["filename", "field"] as const).filter(
    (key) => new Set(series.map((each) => each[key])).size > 1,
  );
  return keys.length === 0 ? ["field"] : keys;
}

function nameOf(series: Series, varied: readonly SeriesKey[]): string {
  return varied.map((key) => series[key]).join(SEPARATOR);
}

/** What tells series apart: both joined into one field, or the one that differs. */
function shortenPoint(point: Point, varied: readonly SeriesKey[]): Value {
  const short = new Map(point);
  if (varied.length === 2) {
    short.set(varied.join(SEPARATOR), varied.map((key) => String(point.get(key))).join(SEPARATOR));
  }
  for (const key of ["filename", "field"] as const) {
    if (varied.length === 2 || !varied.includes(key)) short.delete(key);
  }
  return short;
}

function scaleOf(field: string, name: string, domain: readonly string[]): ValueMap {
  const range = RANGES[name]!;
  const scale = map({ domain, range: domain.map((_, i) => range[i % range.length]!) });
  const legend = map({ symbolFillColor: "transparent", symbolStrokeColor: "grey" });
  return map({ field, scale, ...(name === "color" ? {} : { legend }) });
}

/** Vega reads dots and brackets in the name of a field as a way into it. */
function escapeField(name: string): string {
  return name.replace(/[.[\]]/g, "\\$&");
}

function hasAnchor(value: Value, name: string): boolean {
  if (isValueMap(value)) return [...value.values()].some((item) => hasAnchor(item, name));
  if (isValueList(value)) return value.some((item) => hasAnchor(item, name));
  return value === name;
}

/** An anchor that is the whole text gives way to the value; inside a longer text to a text only. */
function replaceAnchor(content: Value, name: string, value: Value): Value {
  if (isValueMap(content)) {
    return new Map<MapKey, Value>(
      [...content].map(([key, item]) => {
        const isInside = typeof item === "string" && item !== name && typeof value === "string";
        return [
          key,
          isInside ? item.replaceAll(name, () => value) : replaceAnchor(item, name, value),
        ];
      }),
    );
  }
  if (isValueList(content)) return content.map((item) => replaceAnchor(item, name, value));
  return content === name ? value : content;
}
