import { type ColumnInfo, columnClass } from "./column-class.ts";
import type { FeaturesParams } from "./params.ts";
import { sqlExpressionColumns } from "./sql-expression.ts";
import type { Transform } from "./transform-params.ts";

export type PlacedTransform = Readonly<{ transform: Transform; at: string }>;

export type Expanded = Readonly<{
  transforms: readonly PlacedTransform[];
  dropped: readonly Readonly<{ column: string; reason: string }>[];
  automatic: ReadonlySet<string>;
}>;

/** Puts in the place of each `auto` entry what it stands for, column by column in file order. */
export function expandAuto(
  spec: FeaturesParams,
  columns: readonly ColumnInfo[],
  reserved: readonly string[],
): Expanded {
  const taken = new Set([
    ...spec.transforms.flatMap(columnsOf),
    ...reserved,
    ...spec.joins.flatMap((join) => join.on),
    ...(spec.subject === undefined ? [] : [spec.subject]),
    ...(spec.target === undefined ? [] : [spec.target]),
  ]);
  const dropped: { column: string; reason: string }[] = [];
  const automatic = new Set<string>();
  const transforms = (spec.transforms as readonly Transform[]).flatMap((transform, i) => {
    const at = `features.transforms.${i}`;
    if (!("auto" in transform)) return [{ transform, at }];
    return columns
      .filter((column) => !taken.has(column.name) && !transform.except.includes(column.name))
      .flatMap((column) => {
        taken.add(column.name);
        const chosen = chooseTransform(column);
        if (chosen === undefined) {
          dropped.push({ column: column.name, reason: `auto takes no ${column.type}` });
          return [];
        }
        automatic.add(column.name);
        return [{ transform: chosen, at }];
      });
  });
  return { transforms, dropped, automatic };
}

function chooseTransform({ name, ...type }: ColumnInfo): Transform | undefined {
  switch (columnClass(type)) {
    case "number":
      return {
        numeric: name,
        impute: "median",
        log: false,
        scale: "none",
        missing_indicator: false,
      };
    case "boolean":
      return { boolean: name, impute: "most_frequent", missing_indicator: false };
    case "text":
      return {
        categorical: name,
        encode: "one_hot",
        rare: { min_share: 0.01 },
        impute: "none",
        missing_indicator: false,
      };
    default:
      return undefined;
  }
}

function columnsOf(transform: Transform): readonly string[] {
  if ("numeric" in transform) return [transform.numeric].flat();
  if ("categorical" in transform) return [transform.categorical].flat();
  if ("boolean" in transform) return [transform.boolean].flat();
  if ("datetime" in transform) return [transform.datetime].flat();
  if ("interaction" in transform) return transform.interaction;
  if ("ratio" in transform) return transform.ratio;
  if ("sql" in transform) return sqlExpressionColumns(transform.sql);
  return [];
}
