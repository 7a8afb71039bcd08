import type { MapKey, Value, ValueMap } from "../../values/value.ts";

/**
 * DVC's templates of plots: specifications of Vega-Lite with anchors, `<DVC_METRIC_X>`, for what a
 * plot fills in.
 */
type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

export function anchor(name: string): string {
  return `<DVC_METRIC_${name.toUpperCase()}>`;
}

const X = { field: anchor("x"), type: "quantitative", title: anchor("x_label") };
const Y = { field: anchor("y"), type: "quantitative", title: anchor("y_label") };
const FREE_Y = { ...Y, scale: { zero: false } };
const BY_REVISION = { field: "rev", type: "nominal" };

const HEAD = {
  $schema: "https://vega.github.io/schema/vega-lite/v5.json",
  data: { values: anchor("data") },
  title: { text: anchor("title"), anchor: "middle" },
};
const SIZE = { width: anchor("plot_width"), height: anchor("plot_height") };
const ZOOM = { params: [anchor("zoom_and_pan")] };

const SIMPLE = {
  ...HEAD,
  ...ZOOM,
  ...SIZE,
  mark: { type: "line", tooltip: { content: "data" } },
  encoding: {
    x: X,
    y: FREE_Y,
    color: anchor("color"),
    strokeDash: anchor("stroke_dash"),
    tooltip: anchor("tooltip"),
  },
};

const SCATTER = {
  ...HEAD,
  ...SIZE,
  ...ZOOM,
  mark: { type: "point", tooltip: { content: "data" } },
  encoding: {
    x: X,
    y: Y,
    color: anchor("color"),
    shape: anchor("shape"),
    tooltip: anchor("tooltip"),
  },
};

const SCATTER_JITTER = {
  ...HEAD,
  ...SIZE,
  transform: [
    { calculate: "random()", as: "randomX" },
    { calculate: "random()", as: "randomY" },
  ],
  mark: { type: "point", tooltip: { content: "data" } },
  encoding: {
    x: { field: anchor("x"), title: anchor("x_label") },
    y: { field: anchor("y"), title: anchor("y_label") },
    color: anchor("color"),
    shape: anchor("shape"),
    tooltip: anchor("tooltip"),
    xOffset: { field: "randomX", type: "quantitative" },
    yOffset: { field: "randomY", type: "quantitative" },
  },
};

/** A line that a slider smooths, the raw line behind it, its last point, and a rule below the mouse. */
const LINEAR = {
  ...HEAD,
  ...SIZE,
  params: [
    { name: "smooth", value: 0.001, bind: { input: "range", min: 0.001, max: 1, step: 0.001 } },
  ],
  encoding: { x: X, color: anchor("color"), strokeDash: anchor("stroke_dash") },
  layer: [
    {
      layer: [
        { ...ZOOM, mark: "line" },
        { transform: [{ filter: { param: "hover", empty: false } }], mark: "point" },
      ],
      encoding: { y: FREE_Y, color: BY_REVISION },
      transform: [
        {
          loess: anchor("y"),
          on: anchor("x"),
          groupby: anchor("group_by"),
          bandwidth: { signal: "smooth" },
        },
      ],
    },
    {
      mark: { type: "line", opacity: 0.2 },
      encoding: { x: X, y: FREE_Y, color: BY_REVISION },
    },
    {
      mark: { type: "circle", size: 10 },
      encoding: {
        x: { aggregate: "max", ...X },
        y: { aggregate: { argmax: anchor("x") }, ...FREE_Y },
        color: BY_REVISION,
      },
    },
    {
      transform: [
        { calculate: anchor("pivot_field"), as: "pivot_field" },
        { pivot: "pivot_field", op: "mean", value: anchor("y"), groupby: [anchor("x")] },
      ],
      mark: { type: "rule", tooltip: { content: "data" }, stroke: "grey" },
      encoding: {
        opacity: { condition: { value: 0.3, param: "hover", empty: false }, value: 0 },
      },
      params: [
        {
          name: "hover",
          select: {
            type: "point",
            fields: [anchor("x")],
            nearest: true,
            on: "mouseover",
            clear: "mouseout",
          },
        },
      ],
    },
  ],
};

const COUNT_PAIRS = {
  aggregate: [{ op: "count", as: "xy_count" }],
  groupby: [anchor("y"), anchor("x")],
};
const NO_COUNT = { impute: "xy_count", value: 0 };

type Matrix = Readonly<{
  params?: Json;
  groupByY: Json;
  scaling: readonly Json[];
  color: Json;
  shownValue: Json;
  text: Json;
}>;

/** Cells by pairs of classes, one picture a revision. */
function confusionMatrix(matrix: Matrix): Json {
  const overCell = { selection: "label" };
  const axis = (name: "x" | "y") => ({
    field: anchor(name),
    type: "nominal",
    sort: "ascending",
    title: anchor(`${name}_label`),
  });
  return {
    ...HEAD,
    facet: { column: { field: "rev", sort: [] }, row: anchor("row") },
    ...(matrix.params === undefined ? {} : { params: matrix.params }),
    spec: {
      transform: [
        COUNT_PAIRS,
        { ...NO_COUNT, groupby: matrix.groupByY, key: anchor("x") },
        { ...NO_COUNT, groupby: anchor("group_by_x"), key: anchor("y") },
        ...matrix.scaling,
      ],
      encoding: { x: axis("x"), y: axis("y") },
      layer: [
        { mark: "rect", ...SIZE, encoding: { color: matrix.color } },
        {
          selection: {
            label: {
              type: "single",
              on: "mouseover",
              encodings: ["x", "y"],
              empty: "none",
              clear: "mouseout",
            },
          },
          mark: "rect",
          encoding: {
            tooltip: [
              { field: anchor("x"), type: "nominal" },
              { field: anchor("y"), type: "nominal" },
              matrix.shownValue,
            ],
            opacity: { condition: { ...overCell, value: 1 }, value: 0 },
          },
        },
        {
          transform: [{ filter: overCell }],
          layer: [{ mark: { type: "rect", color: "lightpink" } }],
        },
        { mark: "text", encoding: matrix.text },
      ],
    },
  };
}

function whiteAbove(field: string): Json {
  return { condition: { test: `datum.${field} > 0.5`, value: "white" }, value: "black" };
}

const CONFUSION = confusionMatrix({
  params: [{ name: "showValues", bind: { input: "checkbox" } }],
  groupByY: anchor("group_by_y"),
  scaling: [
    { joinaggregate: [{ op: "max", field: "xy_count", as: "max_count" }], groupby: [] },
    { calculate: "datum.xy_count / datum.max_count", as: "percent_of_max" },
  ],
  color: {
    field: "xy_count",
    type: "quantitative",
    title: "",
    scale: { domainMin: 0, nice: true },
  },
  shownValue: { field: "xy_count", type: "quantitative" },
  text: {
    text: { condition: { param: "showValues", field: "xy_count", type: "quantitative" } },
    color: whiteAbove("percent_of_max"),
  },
});

const CONFUSION_NORMALIZED = confusionMatrix({
  groupByY: ["rev", anchor("y")],
  scaling: [
    { joinaggregate: [{ op: "sum", field: "xy_count", as: "sum_y" }], groupby: [anchor("y")] },
    { calculate: "datum.xy_count / datum.sum_y", as: "percent_of_y" },
  ],
  color: {
    field: "percent_of_y",
    type: "quantitative",
    title: "",
    scale: { domain: [0, 1] },
  },
  shownValue: { field: "percent_of_y", type: "quantitative", format: ".2f" },
  text: { color: whiteAbove("percent_of_y") },
});

function horizontalBars(order: Json): Json {
  return {
    ...HEAD,
    ...SIZE,
    mark: { type: "bar" },
    ...ZOOM,
    encoding: {
      x: { ...X, scale: { zero: false } },
      y: { field: anchor("y"), type: "nominal", title: anchor("y_label"), ...(order as object) },
      yOffset: { field: "rev", sort: [] },
      color: anchor("color"),
      column: anchor("column"),
    },
  };
}

/** By name, in the order in which DVC lists them. */
const TEMPLATES: Readonly<Record<string, Json>> = {
  simple: SIMPLE,
  linear: LINEAR,
  confusion: CONFUSION,
  confusion_normalized: CONFUSION_NORMALIZED,
  scatter: SCATTER,
  scatter_jitter: SCATTER_JITTER,
  smooth: LINEAR,
  bar_horizontal_sorted: horizontalBars({ sort: "-x" }),
  bar_horizontal: horizontalBars({}),
};

export const TEMPLATE_NAMES: readonly string[] = Object.keys(TEMPLATES);

/** A template of DVC's own, or null for a name that is none. */
export function builtinTemplate(name: string): ValueMap | null {
  return Object.hasOwn(TEMPLATES, name) ? (toValue(TEMPLATES[name]!) as ValueMap) : null;
}

/** JSON as values of Python: what is written without a point is an integer. */
function toValue(json: Json): Value {
  if (typeof json === "number") return Number.isInteger(json) ? BigInt(json) : json;
  if (Array.isArray(json)) return (json as readonly Json[]).map(toValue);
  if (json === null || typeof json !== "object") return json as Value;
  return new Map<MapKey, Value>(
    Object.entries(json as Readonly<Record<string, Json>>).map(([key, item]) => [
      key,
      toValue(item),
    ]),
  );
}
