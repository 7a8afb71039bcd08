import { setImmediate } from "node:timers/promises";
import { DuetMindError } from "../core/errors.ts";
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
import { fitNumeric, type TrainingValues, trainingValues } from "./fit-numeric.ts";
import { toInputSql } from "./input-sql.ts";
import type { NumberScan } from "./number-scan.ts";
import { createNumberSpool, type NumberSpool } from "./number-spool.ts";

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

/** Fits every feature of a plan on the training rows, given as a relation with the raw columns. */
export async function fitFeatures(
  engine: Engine,
  plan: FeaturePlan,
  training: Sql,
  options: FitOptions = {},
): Promise<Fitted> {
  const outputs = new Map<PlannedFeature, readonly FittedOutput[] | null>();
  const examples = new Map<string, FittedInput["example"]>();
  const numbers = plan.inputs.filter(({ type }) => type !== "text");
  const spool = createNumberSpool(numbers.length);
  try {
    if (numbers.length > 0) await readInputs(engine, numbers, training, spool);
    const columns = new Map<string, TrainingValues>();
    for (const [i, input] of numbers.entries()) {
      await setImmediate(); // lets what runs beside the fitting take its next step
      const column = trainingValues((visit) => spool.scan([i], ([values]) => visit(values!)));
      columns.set(input.name, column);
      examples.set(input.name, numberExample(input, column));
    }
    for (const feature of plan.features) {
      await setImmediate();
      const operand = numberOperand(feature);
      if (operand === null || operandInputs(operand).some((name) => !columns.has(name))) continue;
      const places = operandInputs(operand).map((name) =>
        numbers.findIndex((input) => input.name === name),
      );
      const values =
        operand.kind === "input"
          ? columns.get(operand.input)!
          : trainingValues(scanOperand(operand.kind, spool, places));
      outputs.set(feature, fitNumbers(feature, operand, values, spool.rowCount, plan));
    }
  } finally {
    spool.close();
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

function operandInputs(operand: Operand): readonly string[] {
  if (operand.kind === "input") return [operand.input];
  return operand.kind === "product" ? operand.factors : [operand.numerator, operand.denominator];
}

async function readInputs(
  engine: Engine,
  inputs: FeaturePlan["inputs"],
  training: Sql,
  spool: NumberSpool,
): Promise<void> {
  const list = join(inputs.map((input, i) => sql`${toInputSql(input)} AS ${id(`i${i}`)}`));
  for await (const chunk of engine.stream(sql`SELECT ${list} FROM ${training}`)) spool.add(chunk);
}

/** What a feature of numbers is made of; null for one of text. */
function numberOperand(feature: PlannedFeature): Operand | null {
  if (feature.kind === "numeric") return feature.operand;
  if (feature.kind === "categorical" || feature.kind === "words") return null;
  return { kind: "input", input: feature.input };
}

/** null: nothing to fit on, and nobody asked for the column by name. */
function fitNumbers(
  feature: PlannedFeature,
  operand: Operand,
  training: TrainingValues,
  rows: number,
  plan: FeaturePlan,
): readonly FittedOutput[] | null {
  if (feature.kind === "missing") return [feature];
  if (feature.kind !== "numeric" && feature.kind !== "boolean") return [];
  if (training.facts.present === 0) return emptyFeature(feature, rows, plan);
  const { name } = feature;
  const steps =
    feature.kind === "numeric"
      ? fitNumeric(name, training, feature.options)
      : fitBoolean(feature, training);
  switch (operand.kind) {
    case "input":
      return [{ name, kind: "numeric", input: operand.input, steps }];
    case "product":
      return [{ name, kind: "product", factors: operand.factors, steps }];
    case "ratio": {
      const { numerator, denominator } = operand;
      return [{ name, kind: "ratio", numerator, denominator, steps }];
    }
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
  training: TrainingValues,
): Extract<FittedOutput, { kind: "numeric" }>["steps"] {
  const { scan, facts } = training;
  let ones = 0;
  let odd: number | undefined;
  scan((values) => {
    for (const x of values) {
      if (x === 1) ones += 1;
      else if (x !== 0 && !Number.isNaN(x)) odd ??= x;
    }
  });
  if (odd !== undefined) {
    throw new DuetMindError(
      "COLUMN_TYPE",
      `feature ${feature.name}: expected the numbers 0 and 1, got ${odd}`,
      { hint: "use numeric or categorical for it" },
    );
  }
  const value = imputedBoolean(feature.impute, ones, facts.present);
  return value === null ? [] : [{ op: "impute", value }];
}

/** Products and ratios of columns, row by row. */
function scanOperand(
  kind: "product" | "ratio",
  spool: NumberSpool,
  columns: readonly number[],
): NumberScan {
  return (visit) =>
    spool.scan(columns, ([first, ...rest]) => {
      const result = first!;
      for (const other of rest) {
        for (let i = 0; i < result.length; i++) {
          if (kind === "product") result[i] = result[i]! * other[i]!;
          else result[i] = other[i] === 0 ? Number.NaN : result[i]! / other[i]!;
        }
      }
      visit(result);
    });
}

/** The lower median, so that it is a value of the column. */
function numberExample(
  input: FeaturePlan["inputs"][number],
  { facts, ranked }: TrainingValues,
): FittedInput["example"] {
  if (facts.present === 0) return null;
  const middle = (facts.present - 1) / 2;
  // both, since a median that is imputed asks for them
  const [median] = ranked([Math.floor(middle), Math.ceil(middle)]) as [number, number];
  if (!Number.isFinite(median)) return null;
  return input.type === "boolean" ? median === 1 : median;
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
