import { DuetMindError } from "../core/errors.ts";
import { type ColumnInfo, columnClass, findColumn } from "./column-class.ts";
import { expandAuto } from "./expand-auto.ts";
import type { FeaturePlan, PlannedFeature } from "./feature-plan.ts";
import type { FeaturesParams } from "./params.ts";
import { createPlanInputs, type PlanInputs } from "./plan-inputs.ts";
import type { NumericOptions, Transform } from "./transform-params.ts";

export type PlanOptions = Readonly<{
  /** Columns that auto must not take: keys of the source and of the joins, the column of a time split. */
  reserved?: readonly string[];
  /** Columns that a derived target is computed from: among the features they would tell the answer. */
  answers?: readonly string[];
}>;

/**
 * Decides inputs and features from the spec and the columns of the data, without a look at a value.
 * Throws COLUMN_NOT_FOUND, COLUMN_TYPE, TARGET_INVALID (also for a target among its own features).
 */
export function planFeatures(
  spec: FeaturesParams,
  columns: readonly ColumnInfo[],
  options: PlanOptions = {},
): FeaturePlan {
  if (spec.target === undefined) {
    throw new DuetMindError(
      "TARGET_INVALID",
      "params.yaml: features.target: expected the column to predict, got nothing",
      { path: "features.target" },
    );
  }
  const target = findColumn(columns, spec.target, "features.target");
  if (columnClass(target) === "other" || columnClass(target) === "datetime") {
    throw new DuetMindError(
      "TARGET_INVALID",
      `features.target: expected numbers, text or booleans in "${target.name}", got ${target.type}`,
    );
  }
  if (spec.subject !== undefined) findColumn(columns, spec.subject, "features.subject");
  const derived = Object.keys(spec.derive ?? {});
  const answers = [target.name, ...(options.answers ?? [])];
  const reserved = [...(options.reserved ?? []), ...derived, ...answers];
  const { transforms, dropped, automatic } = expandAuto(spec, columns, reserved);
  const inputs = createPlanInputs(columns, { answers, derived });
  const features = transforms.flatMap(({ transform, at }) => planTransform(transform, at, inputs));
  if (features.length === 0) {
    throw new DuetMindError(
      "BAD_INPUT",
      "features.transforms: expected at least one feature, got none",
      { hint: "name columns under numeric, categorical, boolean or datetime" },
    );
  }
  refuseDuplicates(features);
  return {
    view: spec.view,
    ...inputs.used(),
    features,
    automatic,
    dropped,
    subject: spec.subject ?? null,
    target: { column: target.name, type: target.type },
  };
}

function planTransform(transform: Transform, at: string, inputs: PlanInputs): PlannedFeature[] {
  if ("numeric" in transform) {
    const options = numericOptions(transform, at);
    return named(transform.numeric, transform.name, at).flatMap(({ column, name }) => {
      const input = inputs.number(column, at);
      return [
        { kind: "numeric", name, operand: { kind: "input", input }, options },
        ...missing(transform.missing_indicator, name, input),
      ];
    });
  }
  if ("categorical" in transform) {
    return named(transform.categorical, transform.name, at).flatMap(({ column, name }) => {
      const input = inputs.text(column, at);
      const categories = transform.categories?.map(String) ?? null;
      refuseRepeated(categories ?? [], `${at}.categories`);
      const { encode, impute, rare = null } = transform;
      return [
        { kind: "categorical", name, input, encode, categories, rare, impute },
        ...missing(transform.missing_indicator, name, input),
      ];
    });
  }
  if ("boolean" in transform) {
    return named(transform.boolean, transform.name, at).flatMap(({ column, name }) => {
      const words = transform.true_values !== undefined || transform.false_values !== undefined;
      const input = words ? inputs.text(column, at) : inputs.boolean(column, at);
      const { impute, true_values: trueValues = [], false_values: falseValues = [] } = transform;
      refuseRepeated([...trueValues, ...falseValues], at);
      return [
        words
          ? { kind: "words", name, input, trueValues, falseValues, impute }
          : { kind: "boolean", name, input, impute },
        ...missing(transform.missing_indicator, name, input),
      ] satisfies PlannedFeature[];
    });
  }
  if ("datetime" in transform) {
    const { impute, scale } = transform;
    const options: NumericOptions = { impute, scale, log: false, missing_indicator: false };
    return named(transform.datetime, undefined, at).flatMap(({ column }) => {
      const parts = transform.parts.map((part): PlannedFeature => {
        const input = inputs.datetimePart(column, part, transform.since, at);
        return { kind: "numeric", name: input, operand: { kind: "input", input }, options };
      });
      const first = inputs.datetimePart(column, transform.parts[0]!, transform.since, at);
      return [...parts, ...missing(transform.missing_indicator, column, first)];
    });
  }
  if ("interaction" in transform) {
    const factors = transform.interaction.map((column) => inputs.number(column, at));
    const name = transform.name ?? transform.interaction.join("_x_");
    const options = numericOptions(transform, at);
    return [{ kind: "numeric", name, operand: { kind: "product", factors }, options }];
  }
  if ("ratio" in transform) {
    const [numerator, denominator] = transform.ratio.map((column) => inputs.number(column, at));
    return [
      {
        kind: "numeric",
        name: transform.name ?? transform.ratio.join("_per_"),
        operand: { kind: "ratio", numerator: numerator!, denominator: denominator! },
        options: numericOptions(transform, at),
      },
    ];
  }
  if ("sql" in transform) {
    const input = inputs.sql(transform, at);
    return [
      {
        kind: "numeric",
        name: transform.name,
        operand: { kind: "input", input },
        options: numericOptions(transform, at),
      },
      ...missing(transform.missing_indicator, transform.name, input),
    ];
  }
  return [];
}

function missing(wanted: boolean, name: string, input: string): PlannedFeature[] {
  return wanted ? [{ kind: "missing", name: `${name}_missing`, input }] : [];
}

/** The options alone, checked against each other. */
function numericOptions(transform: NumericOptions, at: string): NumericOptions {
  const { impute, clip, log, scale, bin, missing_indicator } = transform;
  if (bin !== undefined && (scale !== "none" || log !== false)) {
    throw new DuetMindError("BAD_INPUT", `${at}: expected bin without scale and log, got both`, {
      path: at,
    });
  }
  return {
    impute,
    log,
    scale,
    missing_indicator,
    ...(clip === undefined ? {} : { clip }),
    ...(bin === undefined ? {} : { bin }),
  };
}

function named(
  columns: string | readonly string[],
  name: string | undefined,
  at: string,
): { column: string; name: string }[] {
  const list = typeof columns === "string" ? [columns] : columns;
  if (name !== undefined && list.length > 1) {
    throw new DuetMindError(
      "BAD_INPUT",
      `${at}.name: expected a name for one column, got a list of ${list.length}`,
      { path: at },
    );
  }
  return list.map((column) => ({ column, name: name ?? column }));
}

function refuseRepeated(values: readonly string[], at: string): void {
  const twice = values.find((value, i) => values.indexOf(value) !== i);
  if (twice === undefined) return;
  throw new DuetMindError("BAD_INPUT", `${at}: expected each value once, got "${twice}" twice`, {
    path: at,
  });
}

/** Compared without case, as DuckDB compares column names. */
function refuseDuplicates(features: readonly PlannedFeature[]): void {
  const seen = new Set(["row_id"]);
  for (const { name } of features) {
    if (seen.has(name.toLowerCase())) {
      throw new DuetMindError(
        "BAD_INPUT",
        `features.transforms: expected each feature name once, got "${name}" again`,
        { hint: "give one of them a name: of its own" },
      );
    }
    seen.add(name.toLowerCase());
  }
}
