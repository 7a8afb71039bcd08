import { exp, log } from "../../../src/core/math.ts";
import type { FeatureView, FittedOutput, NumericStep } from "../../../src/features/feature-view.ts";
import { LARGEST_FLOAT32 } from "../../../src/models/matrix.ts";
import type { TrainedModel } from "../../../src/models/trained-model.ts";

/**
 * A third reading of feature-view.ts and trained-model.ts, a row at a time and as plain as can be:
 * what the ONNX writer is compared with, so that a mistake it shared with the SQL would show.
 */
export type RawRow = Readonly<Record<string, number | string>>;

export function featuresOf(view: FeatureView, names: readonly string[], row: RawRow): number[] {
  return names.map((name) => {
    const output = view.outputs.find((one) => one.name === name)!;
    const value = Math.fround(outputOf(output, row));
    return Math.max(-LARGEST_FLOAT32, Math.min(LARGEST_FLOAT32, value));
  });
}

function outputOf(output: FittedOutput, row: RawRow): number {
  const number = (input: string) => row[input] as number;
  switch (output.kind) {
    case "numeric":
      return applySteps(number(output.input), output.steps);
    case "indicator":
      return row[output.input] !== "" && row[output.input] === output.value ? 1 : 0;
    case "missing":
      return row[output.input] === "" || Number.isNaN(row[output.input]) ? 1 : 0;
    case "lookup": {
      if (row[output.input] === "") return output.missing ?? Number.NaN;
      const entry = output.entries.find(([word]) => word === row[output.input]);
      return entry?.[1] ?? output.other ?? Number.NaN;
    }
    case "product":
      return applySteps(
        output.factors.map(number).reduce((a, b) => a * b),
        output.steps,
      );
    case "ratio": {
      const bottom = number(output.denominator);
      return applySteps(
        bottom === 0 ? Number.NaN : number(output.numerator) / bottom,
        output.steps,
      );
    }
  }
}

function applySteps(value: number, steps: readonly NumericStep[]): number {
  let x = value;
  for (const step of steps) {
    if (step.op === "impute") x = Number.isNaN(x) ? step.value : x;
    else if (step.op === "clip") {
      if (step.min !== null && x < step.min) x = step.min;
      if (step.max !== null && x > step.max) x = step.max;
    } else if (step.op === "log") x = x + step.offset <= 0 ? Number.NaN : log(x + step.offset);
    else if (step.op === "scale") x = (x - step.center) / step.scale;
    else x = Number.isNaN(x) ? x : step.edges.filter((edge) => edge <= x).length;
  }
  return x;
}

/** Probabilities of the classes, or the value of a regression. */
export function scoreOf(model: TrainedModel, features: readonly number[]): number[] {
  const raw = model.kind === "linear" ? linear(model, features) : walk(model, features);
  if (model.task === "regression") return raw;
  if (model.task === "binary") {
    const positive = 1 / (1 + exp(-raw[0]!));
    return [1 - positive, positive];
  }
  const weights = raw.map((score) => exp(score - Math.max(...raw)));
  return weights.map((weight) => weight / weights.reduce((a, b) => a + b));
}

function linear(model: Extract<TrainedModel, { kind: "linear" }>, features: readonly number[]) {
  return Array.from(model.intercepts, (intercept, k) =>
    features.reduce(
      (sum, x, j) => sum + x * model.coefficients[k * features.length + j]!,
      intercept,
    ),
  );
}

function walk(model: Extract<TrainedModel, { kind: "trees" }>, features: readonly number[]) {
  const raw = new Float32Array(model.outputCount);
  for (let tree = 0; tree + 1 < model.treeStarts.length; tree++) {
    let node = model.treeStarts[tree]!;
    while (model.feature[node] !== -1) {
      const x = features[model.feature[node]!]!;
      const goesLeft = Number.isNaN(x)
        ? model.missingLeft[node] === 1
        : x <= model.threshold[node]!;
      node = goesLeft ? model.left[node]! : model.right[node]!;
    }
    raw[tree % model.outputCount]! += model.value[node]!;
  }
  return Array.from(raw);
}
