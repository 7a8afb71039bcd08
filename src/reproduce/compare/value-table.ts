import { compareCodePoints, pythonStr } from "../values/python-text.ts";
import { isValueMap, type Value } from "../values/value.ts";
import type { ValueDiff } from "./diff-values.ts";
import { flattenValues, type ValuesByRevision } from "./file-values.ts";
import { pythonRound } from "./python-round.ts";
import type { Table } from "./table.ts";

/** What a table shows where there is nothing. */
const FILLER = "-";

/** How `metrics diff` and `params diff` print what changed. */
export type DiffTableOptions = Readonly<{
  title: "Metric" | "Param";
  a: string;
  b: string;
  withPath: boolean;
  withChange: boolean;
  /** Digits after the point; null: as they are. */
  precision: number | null;
}>;

export function diffTable(
  diff: ValueDiff,
  shown: (path: string) => string,
  options: DiffTableOptions,
): Table {
  const { title, a, b, precision, withPath, withChange } = options;
  const cell = (value: Value | undefined) => valueCell(value, precision);
  const rows = [...diff].flatMap(([path, changes]) =>
    [...changes]
      .sort(([x], [y]) => compareCodePoints(x, y))
      .map(([key, change]) => [
        ...(withPath ? [shown(path)] : []),
        ...[key, cell(change.old), cell(change.new)],
        ...(withChange ? [cell(change.diff)] : []),
      ]),
  );
  const header = [
    ...(withPath ? ["Path"] : []),
    ...[title, a, b],
    ...(withChange ? ["Change"] : []),
  ];
  return { header, rows };
}

/** `metrics show`: a row for each file, a column for each metric. */
export function valuesTable(
  results: ValuesByRevision,
  shown: (path: string) => string,
  options: Readonly<{ withRevision: boolean; precision: number }>,
): Table {
  const keys = new Set<string>();
  const files = [...results].flatMap(([revision, result]) => {
    if ("failure" in result) return [];
    return [...result.data].map(([path, file]) => {
      const data = "failure" in file ? new Map() : file.data;
      const leaves = isValueMap(data) ? flattenValues(data) : new Map([["", data]]);
      for (const key of leaves.keys()) keys.add(key);
      return { revision, path: shown(path), leaves };
    });
  });
  const columns = [...keys].sort(compareCodePoints);
  const first = options.withRevision ? ["Revision", "Path"] : ["Path"];
  const rows = files.map(({ revision, path, leaves }) => [
    ...(options.withRevision ? [revision, path] : [path]),
    ...columns.map((key) => valueCell(leaves.get(key), options.precision)),
  ]);
  return { header: [...first, ...columns], rows };
}

function valueCell(value: Value | undefined, precision: number | null): string {
  if (value === undefined || value === null) return FILLER;
  const isRounded = typeof value === "number" && precision !== null;
  return pythonStr(isRounded ? pythonRound(value, precision) : value);
}
