import { DuetMindError } from "../core/errors.ts";
import type { NumericStep } from "./feature-view.ts";
import { applyStep, applySteps } from "./numeric-steps.ts";
import { mean, presentValues, quantile, standardDeviation } from "./quantile.ts";
import type { NumericOptions } from "./transform-params.ts";

/**
 * The steps of a feature of numbers, fitted on its training values (NaN = missing).
 *
 * Order: impute, clip, log, then scale or bin. What is imputed and the bounds of clip by quantiles come
 * from the values as they are; scale and bin from what the steps before made of them. At serving a
 * value may be outside ln's domain: it then becomes what a missing value would have become.
 */
export function fitNumeric(
  name: string,
  training: Float64Array,
  options: NumericOptions,
  /** The training values that are not missing, in any order; quantiles reorder them. */
  present: Float64Array = presentValues(training),
): readonly NumericStep[] {
  refuseInfinite(name, training);
  const steps: NumericStep[] = [];
  if (options.impute !== "none") {
    steps.push({ op: "impute", value: imputed(options.impute, training, present) });
  }
  if (options.clip !== undefined) {
    const [min, max] = Array.isArray(options.clip)
      ? options.clip
      : options.clip.quantiles.map((q) => quantile(present, q));
    steps.push({ op: "clip", min: min!, max: max! });
  }
  const fitsShape = options.scale !== "none" || options.bin !== undefined;
  if (!fitsShape && options.log === false) return steps;
  const values = training.slice();
  applySteps(values, steps);
  if (options.log !== false) {
    const log = logStep(name, values, options.log);
    const [first] = steps;
    applySteps(values, [log]);
    if (first?.op === "impute") {
      const value = [...steps, log].reduce((x, step) => applyStep(x, step), first.value);
      steps.push(log, { op: "impute", value });
    } else steps.push(log);
  }
  if (fitsShape) {
    const shaped = presentValues(values);
    steps.push(options.bin === undefined ? scale(shaped, options.scale) : bin(shaped, options.bin));
  }
  return steps;
}

function imputed(
  how: Exclude<NumericOptions["impute"], "none">,
  training: Float64Array,
  present: Float64Array,
): number {
  if (typeof how === "object") return how.constant;
  // a mean sums in row order
  return how === "mean" ? mean(presentValues(training)) : quantile(present, 0.5);
}

function refuseInfinite(name: string, values: Float64Array): void {
  let count = 0;
  for (let i = 0; i < values.length; i++) {
    if (Math.abs(values[i]!) === Number.POSITIVE_INFINITY) count += 1;
  }
  if (count === 0) return;
  throw new DuetMindError(
    "COLUMN_TYPE",
    `feature ${name}: expected finite numbers, got an infinite one in ${count} rows of the training split`,
  );
}

function logStep(name: string, values: Float64Array, asked: true | number): NumericStep {
  const offset = asked === true ? 0 : asked;
  let least = Number.POSITIVE_INFINITY;
  for (const x of values) if (x < least) least = x;
  if (least + offset <= 0) {
    throw new DuetMindError(
      "BAD_INPUT",
      `feature ${name}: expected values above ${-offset} for log, got ${least} in the training split`,
      { hint: "write log: 1 for ln(x + 1), or clip the values first" },
    );
  }
  return { op: "log", offset };
}

function scale(values: Float64Array, how: NumericOptions["scale"]): NumericStep {
  const [center, spread] = centerAndSpread(values, how);
  // a constant column has no spread: it becomes 0
  return { op: "scale", center, scale: spread > 0 ? spread : 1 };
}

function centerAndSpread(values: Float64Array, how: NumericOptions["scale"]): [number, number] {
  if (how === "standard") {
    const center = mean(values);
    return [center, standardDeviation(values, center)];
  }
  if (how === "robust") {
    return [quantile(values, 0.5), quantile(values, 0.75) - quantile(values, 0.25)];
  }
  let [least, greatest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const x of values) {
    if (x < least) least = x;
    if (x > greatest) greatest = x;
  }
  return [least, greatest - least];
}

function bin(values: Float64Array, how: NonNullable<NumericOptions["bin"]>): NumericStep {
  if ("edges" in how) return { op: "bin", edges: how.edges };
  const edges = Array.from({ length: how.quantiles - 1 }, (_, i) =>
    quantile(values, (i + 1) / how.quantiles),
  );
  return { op: "bin", edges: [...new Set(edges)].sort((a, b) => a - b) };
}
