import { isValueList, isValueMap, type MapKey, type Value } from "../../values/value.ts";
import type { ReadFailure } from "../read-failure.ts";
import type { PlotProps } from "./plot-definitions.ts";

/** A point as it stands in the file, with its revision, file and field. */
export type Point = ReadonlyMap<MapKey, Value>;

/** The points of one plot in one revision, and what is now known of its axes. */
export type PlotPoints = Readonly<{
  points: readonly Point[];
  x: string;
  y: string;
  xLabel: Value;
  yLabel: Value;
  /** Each series by the short name of its file, and its field. */
  series: readonly Readonly<{ filename: string; field: string }>[];
}>;

/** Points that cannot be made; the words are DVC's. */
export class PlotProblem extends Error {
  readonly failure: ReadFailure;
  constructor(type: string, message: string) {
    super(message);
    this.failure = { type, message };
  }
}

const INDEX = "step";
const MANY_X = "dvc_inferred_x_value";
const MANY_Y = "dvc_inferred_y_value";

type Field = readonly [file: string, field: string];

/**
 * Joins the sources of a plot into points: x by its place in the file where the plot names none, y
 * the last column where it names none; several files or fields become series.
 */
export function plotPoints(
  id: string,
  props: PlotProps,
  sources: ReadonlyMap<string, Value>,
  revision: string,
): PlotPoints | null {
  const rows = new Map([...sources].map(([file, value]) => [file, rowsOf(value)] as const));
  const { x, y } = axes(id, props, sources);
  const xs = fieldsOf(x);
  for (const field of xs) requireField(field, rows);
  const ys = fieldsOf(y);
  for (const field of ys) requireField(field, rows);
  if (xs.length > 1 && xs.length !== ys.length) {
    throw new PlotProblem(
      "DvcException",
      `Cannot have different number of x and y data sources. Found ${xs.length} x and ${ys.length} y data sources.`,
    );
  }
  const xFields = new Set(xs.map(([, field]) => field));
  const yFields = new Set(ys.map(([, field]) => field));
  const xName = xFields.size > 1 ? MANY_X : ([...xFields][0] ?? INDEX);
  const yName = yFields.size > 1 ? MANY_Y : ([...yFields][0] ?? "");
  const prefix = commonFolder(new Set(ys.map(([file]) => file)));
  const shortName = (file: string) => file.slice(prefix).replace(/^[/\\]+|[/\\]+$/g, "");
  const points = ys.flatMap(([file, field], i) => {
    const own = (rows.get(file) ?? []).map((row) => new Map(row));
    if (yFields.size > 1) copyField(own, own, field, yName);
    const from = xs.length > 1 ? xs[i]! : xs[0];
    if (from === undefined)
      for (const [place, point] of own.entries()) point.set(INDEX, BigInt(place));
    else joinX(own, rows.get(from[0]) ?? [], from, [file, field], xName);
    for (const point of own) {
      point.set("rev", revision).set("filename", shortName(file)).set("field", field);
    }
    return own;
  });
  if (points.length === 0) return null;
  return {
    points,
    x: xName,
    y: yName,
    xLabel: props.get("x_label") ?? labelOf(x, "x", INDEX),
    yLabel: props.get("y_label") ?? labelOf(y, "y", null),
    series: ys.map(([file, field]) => ({ filename: shortName(file), field })),
  };
}

type Axis = ReadonlyMap<string, readonly string[]>;

function axes(
  id: string,
  props: PlotProps,
  sources: ReadonlyMap<string, Value>,
): Readonly<{ x: Axis; y: Axis }> {
  const [x, y] = [props.get("x"), props.get("y")];
  const yAxis = isValueMap(y)
    ? toAxis(y)
    : new Map(y === undefined || y === null ? lastField(id, sources) : [[id, toFields(y)]]);
  if (isValueMap(x)) return { x: toAxis(x), y: yAxis };
  if (typeof x !== "string") return { x: new Map(), y: yAxis };
  if (!isValueMap(y)) return { x: new Map([[id, [x]]]), y: yAxis };
  return { x: new Map([...yAxis].map(([file, fields]) => [file, fields.map(() => x)])), y: yAxis };
}

function toAxis(map: ReadonlyMap<MapKey, Value>): Axis {
  return new Map([...map].map(([file, fields]) => [String(file), toFields(fields)]));
}

function toFields(value: Value): readonly string[] {
  return isValueList(value) ? value.map(String) : [String(value)];
}

function fieldsOf(axis: Axis): readonly Field[] {
  return [...axis].flatMap(([file, fields]) => fields.map((field): Field => [file, field]));
}

/** The last column of a file is what it is about. */
function lastField(
  id: string,
  sources: ReadonlyMap<string, Value>,
): readonly (readonly [string, readonly string[]])[] {
  for (const list of listsIn(sources.get(id) ?? null)) {
    const [first] = list;
    if (!list.every(isValueMap) || !isValueMap(first)) continue;
    return [[id, [String([...first.keys()].at(-1))]]];
  }
  return [];
}

function listsIn(value: Value): readonly (readonly Value[])[] {
  if (isValueList(value)) return [value];
  if (!isValueMap(value)) return [];
  return [...value.values()].flatMap((item) =>
    isValueMap(item) || isValueList(item) ? listsIn(item) : [],
  );
}

/** Lists of mappings with the same keys; several lists of a file are laid over each other. */
function rowsOf(value: Value): readonly Point[] {
  const rows: Map<MapKey, Value>[] = [];
  for (const list of listsIn(value)) {
    const [first] = list;
    if (!isValueMap(first) || !list.every(isValueMap)) continue;
    if (!list.every((row) => isValueMap(row) && [...row.keys()].every((key) => first.has(key))))
      continue;
    for (const [i, row] of list.entries()) {
      const known = rows[i] ?? new Map<MapKey, Value>();
      for (const [key, item] of row as Point) known.set(key, item);
      rows[i] = known;
    }
  }
  return rows;
}

function requireField([file, field]: Field, rows: ReadonlyMap<string, readonly Point[]>): void {
  const [first] = rows.get(file) ?? [];
  if (first === undefined || first.has(field)) return;
  throw new PlotProblem(
    "FieldNotFoundError",
    `Could not find provided field ('${field}') in data fields ('${[...first.keys()].join(", ")}').`,
  );
}

function copyField(
  to: readonly Map<MapKey, Value>[],
  from: readonly Point[],
  field: string,
  name: string,
): void {
  for (const [i, point] of to.entries()) {
    const value = from[i]!.get(field);
    if (value !== undefined) point.set(name, value);
  }
}

function joinX(
  points: readonly Map<MapKey, Value>[],
  from: readonly Point[],
  [xFile, xField]: Field,
  [yFile, yField]: Field,
  name: string,
): void {
  if (from.length !== points.length) {
    throw new PlotProblem(
      "DvcException",
      `Cannot join '${xField}' from '${xFile}' and '${yField}' from '${yFile}'. They have to have same length.`,
    );
  }
  copyField(points, from, xField, name);
}

/** How many characters of the files' names are their common folder. */
function commonFolder(files: ReadonlySet<string>): number {
  if (files.size < 2) return 0;
  const parts = [...files].map((file) => file.split("/"));
  let shared = 0;
  while (parts.every((each) => shared < each.length && each[shared] === parts[0]![shared]))
    shared++;
  return parts[0]!.slice(0, shared).join("/").length;
}

/** One field gives its name to the axis. */
function labelOf(axis: Axis, many: string, none: string | null): Value {
  const fields = new Set(fieldsOf(axis).map(([, field]) => field));
  if (axis.size === 0) return none;
  return fields.size === 1 ? [...fields][0]! : many;
}
