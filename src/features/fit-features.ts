import { setImmediate } from "node:timers/promises";
import { DuetMindError } from "../core/errors.ts";
import { readColumns } from "../table/columns.ts";
import type { Engine } from "../table/engine.ts";
import { id, join, lit, type Sql, sql } from "../table/sql.ts";
import type { FeaturePlan, Operand, PlannedFeature } from "./feature-plan.ts";
import type { FittedInput, FittedOutput } from "./feature-view.ts";
import {
  type CategoryCounts,
  fitCategorical,
  fitWords,
  imputedBoolean,
  MOST_ENTRIES,
} from "./fit-categorical.ts";
import { fitNumeric } from "./fit-numeric.ts";
import { toInputSql } from "./input-sql.ts";
import { orderStatistic, presentValues } from "./quantile.ts";

export type Fitted = Readonly<{
  inputs: readonly FittedInput[];
  outputs: readonly FittedOutput[];
  /** Columns that auto chose and that have no value in the training split. */
  dropped: readonly Readonly<{ column: string; reason: string }>[];
}>;

export type FitOptions = Readonly<{
  /** Columns whose values must not be shown, not even as an example. */
  sensitive?: ReadonlySet<string>;
}>;

/** Values held at once while fitting: 24 million doubles are 192 MB. */
const VALUES_AT_ONCE = 24_000_000;

/** Fits every feature of a plan on the training rows, given as a relation with the raw columns. */
export async function fitFeatures(
  engine: Engine,
  plan: FeaturePlan,
  training: Sql,
  options: FitOptions = {},
): Promise<Fitted> {
  const [count] = await engine.rows(sql`SELECT count(*) AS n FROM ${training}`);
  const rowCount = Number(count!["n"]);
  const outputs = new Map<PlannedFeature, readonly FittedOutput[] | null>();
  const examples = new Map<string, FittedInput["example"]>();
  for (const batch of batches(plan, rowCount)) {
    const values = await readInputs(engine, plan, batch.inputs, training);
    const present = new Map<string, Float64Array>();
    for (const [name, column] of values) {
      await setImmediate(); // lets what runs beside the fitting take its next step
      present.set(name, presentValues(column));
      examples.set(name, numberExample(plan, name, present.get(name)!));
    }
    for (const feature of batch.features) {
      await setImmediate();
      outputs.set(feature, fitNumbers(feature, values, present, plan));
    }
  }
  for (const input of plan.inputs.filter(({ type }) => type === "text")) {
    const found = await countCategories(engine, input, training);
    examples.set(input.name, found.counts[0]?.[0] ?? null);
    for (const feature of plan.features) {
      if ("input" in feature && feature.input === input.name) {
        outputs.set(feature, fitText(feature, found, plan));
      }
    }
  }
  return assemble(plan, outputs, examples, options.sensitive ?? new Set());
}

function assemble(
  plan: FeaturePlan,
  fitted: ReadonlyMap<PlannedFeature, readonly FittedOutput[] | null>,
  examples: ReadonlyMap<string, FittedInput["example"]>,
  sensitive: ReadonlySet<string>,
): Fitted {
  const dropped = plan.features
    .filter((feature) => fitted.get(feature) === null)
    .map((feature) => ({ column: feature.name, reason: "no value in the training split" }));
  const gone = new Set(dropped.map(({ column }) => column));
  const inputs = plan.inputs
    .filter(({ source }) => source.kind !== "column" || !gone.has(source.column))
    .map((input) => {
      const columns = "columns" in input.source ? input.source.columns : [input.source.column];
      const hidden = columns.some((column) => sensitive.has(column));
      return { ...input, example: hidden ? null : (examples.get(input.name) ?? null) };
    });
  const outputs = plan.features.flatMap((feature) => fitted.get(feature) ?? []);
  if (outputs.length === 0) {
    throw new DuetMindError("DATA_EMPTY", "features: expected a column with values, got none");
  }
  return { inputs, outputs: withUniqueNames(outputs), dropped };
}

type Batch = { inputs: Set<string>; features: PlannedFeature[] };

/** Groups the features of numbers so that the inputs of a group fit in memory. */
function batches(plan: FeaturePlan, rowCount: number): Batch[] {
  const most = Math.max(1, Math.floor(VALUES_AT_ONCE / Math.max(1, rowCount)));
  const text = new Set(plan.inputs.filter(({ type }) => type === "text").map(({ name }) => name));
  const all: Batch[] = [];
  for (const feature of plan.features) {
    const needed = inputNames(feature).filter((name) => !text.has(name));
    if (needed.length === 0) continue;
    let last = all.at(-1);
    if (last === undefined || new Set([...last.inputs, ...needed]).size > most) {
      last = { inputs: new Set(), features: [] };
      all.push(last);
    }
    for (const name of needed) last.inputs.add(name);
    last.features.push(feature);
  }
  return all;
}

function inputNames(feature: PlannedFeature): readonly string[] {
  if (feature.kind !== "numeric") return [feature.input];
  return operandInputs(feature.operand);
}

function operandInputs(operand: Operand): readonly string[] {
  if (operand.kind === "input") return [operand.input];
  return operand.kind === "product" ? operand.factors : [operand.numerator, operand.denominator];
}

async function readInputs(
  engine: Engine,
  plan: FeaturePlan,
  names: ReadonlySet<string>,
  training: Sql,
): Promise<ReadonlyMap<string, Float64Array>> {
  const selected = plan.inputs.filter(({ name }) => names.has(name));
  const list = join(selected.map((input, i) => sql`${toInputSql(input)} AS ${id(`i${i}`)}`));
  const { columns } = await readColumns(engine, sql`SELECT ${list} FROM ${training}`);
  return new Map(
    selected.map((input, i) => {
      const column = columns[i]!;
      return [input.name, column.kind === "number" ? column.values : new Float64Array()];
    }),
  );
}

/** null: nothing to fit on, and nobody asked for the column by name. */
function fitNumbers(
  feature: PlannedFeature,
  values: ReadonlyMap<string, Float64Array>,
  present: ReadonlyMap<string, Float64Array>,
  plan: FeaturePlan,
): readonly FittedOutput[] | null {
  if (feature.kind === "missing") return [feature];
  if (feature.kind !== "numeric" && feature.kind !== "boolean") return [];
  const operand: Operand =
    feature.kind === "numeric" ? feature.operand : { kind: "input", input: feature.input };
  const training = operandValues(operand, values);
  if (training.every(Number.isNaN)) return emptyFeature(feature, training.length, plan);
  const steps =
    feature.kind === "numeric"
      ? fitNumeric(
          feature.name,
          training,
          feature.options,
          operand.kind === "input" ? present.get(operand.input) : undefined,
        )
      : fitBoolean(feature, training);
  const { name } = feature;
  switch (operand.kind) {
    case "input":
      return [{ name, kind: "numeric", input: operand.input, steps }];
    case "product":
      return [{ name, kind: "product", factors: operand.factors, steps }];
    case "ratio":
      return [
        {
          name,
          kind: "ratio",
          numerator: operand.numerator,
          denominator: operand.denominator,
          steps,
        },
      ];
  }
}

function emptyFeature(feature: PlannedFeature, rows: number, plan: FeaturePlan): null {
  if (plan.automatic.has(feature.name)) return null;
  throw new DuetMindError(
    "DATA_EMPTY",
    `feature ${feature.name}: expected a value in the training split, got none in ${rows} rows`,
    { hint: "take the column out of features.transforms" },
  );
}

function fitBoolean(
  feature: Extract<PlannedFeature, { kind: "boolean" }>,
  training: Float64Array,
): Extract<FittedOutput, { kind: "numeric" }>["steps"] {
  let ones = 0;
  let rows = 0;
  for (const x of training) {
    if (Number.isNaN(x)) continue;
    rows += 1;
    ones += x;
    if (x !== 0 && x !== 1) {
      throw new DuetMindError(
        "COLUMN_TYPE",
        `feature ${feature.name}: expected the numbers 0 and 1, got ${x}`,
        { hint: "use numeric or categorical for it" },
      );
    }
  }
  const value = imputedBoolean(feature.impute, ones, rows);
  return value === null ? [] : [{ op: "impute", value }];
}

function operandValues(operand: Operand, values: ReadonlyMap<string, Float64Array>): Float64Array {
  const [first, ...rest] = operandInputs(operand).map((name) => values.get(name)!);
  if (operand.kind === "input") return first!;
  const result = first!.slice();
  for (const other of rest) {
    for (let i = 0; i < result.length; i++) {
      if (operand.kind === "product") result[i] = result[i]! * other[i]!;
      else result[i] = other[i] === 0 ? Number.NaN : result[i]! / other[i]!;
    }
  }
  return result;
}

function numberExample(
  plan: FeaturePlan,
  name: string,
  present: Float64Array,
): FittedInput["example"] {
  if (present.length === 0) return null;
  const median = orderStatistic(present, Math.floor((present.length - 1) / 2));
  if (!Number.isFinite(median)) return null;
  return plan.inputs.find((input) => input.name === name)?.type === "boolean"
    ? median === 1
    : median;
}

async function countCategories(
  engine: Engine,
  input: FeaturePlan["inputs"][number],
  training: Sql,
): Promise<CategoryCounts> {
  const rows = await engine.rows(sql`
    SELECT t, n, (sum(n) OVER ())::BIGINT AS total, count(*) OVER () AS distinct_texts
    FROM (SELECT ${toInputSql(input)} AS t, count(*) AS n FROM ${training} GROUP BY 1)
    WHERE t IS NOT NULL ORDER BY n DESC, t LIMIT ${lit(MOST_ENTRIES + 1)}`);
  return {
    counts: rows.map((row) => [String(row["t"]), Number(row["n"])]),
    rows: Number(rows[0]?.["total"] ?? 0),
    distinct: Number(rows[0]?.["distinct_texts"] ?? 0),
  };
}

function fitText(
  feature: PlannedFeature,
  found: CategoryCounts,
  plan: FeaturePlan,
): readonly FittedOutput[] | null {
  if (feature.kind === "missing") return [feature];
  if (feature.kind !== "categorical" && feature.kind !== "words") return [];
  if (found.rows === 0) return emptyFeature(feature, 0, plan);
  return feature.kind === "words" ? [fitWords(feature, found)] : fitCategorical(feature, found);
}

/** DuckDB compares names without case: `site=a` beside `site=A` becomes `site=a_2`. */
function withUniqueNames(outputs: readonly FittedOutput[]): FittedOutput[] {
  const taken = new Set(["row_id"]);
  return outputs.map((output) => {
    let name = output.name;
    for (let n = 2; taken.has(name.toLowerCase()); n++) name = `${output.name}_${n}`;
    taken.add(name.toLowerCase());
    return name === output.name ? output : { ...output, name };
  });
}
