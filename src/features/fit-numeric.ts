import { DuetMindError } from "../core/errors.ts";
import type { NumericStep } from "./feature-view.ts";
import {
  factsOf,
  type NumberFacts,
  type NumberScan,
  scanSteps,
  standardDeviation,
} from "./number-scan.ts";
import { applyStep } from "./numeric-steps.ts";
import { orderStatistics, quantiles } from "./order-statistics.ts";
import type { NumericOptions } from "./transform-params.ts";

/** What is fitted on: the training values, NaN where missing, and what is known of them. */
export type TrainingValues = Readonly<{
  scan: NumberScan;
  facts: NumberFacts;
  /** The order statistics of the given ranks, 0-based, of the values that are not missing. */
  ranked(ranks: readonly number[]): readonly number[];
}>;

/** Takes the facts of a column; its order statistics are looked for once each. */
export function trainingValues(scan: NumberScan): TrainingValues {
  const facts = factsOf(scan);
  const known = new Map<number, number>();
  return {
    scan,
    facts,
    ranked(ranks) {
      const unknown = ranks.filter((rank) => !known.has(rank));
      for (const [i, value] of orderStatistics(scan, facts.present, unknown).entries()) {
        known.set(unknown[i]!, value);
      }
      return ranks.map((rank) => known.get(rank)!);
    },
  };
}

/**
 * The steps of a feature of numbers, fitted on its training values (NaN = missing).
 *
 * Order: impute, clip, log, then scale or bin. What is imputed and the bounds of clip by quantiles come
 * from the values as they are; scale and bin from what the steps before made of them. At serving a
 * value may be outside ln's domain: it then becomes what a missing value would have become.
 */
export function fitNumeric(
  name: string,
  training: TrainingValues,
  options: NumericOptions,
): readonly NumericStep[] {
  refuseInfinite(name, training.facts);
  const steps: NumericStep[] = [];
  if (options.impute !== "none") {
    steps.push({ op: "impute", value: imputed(options.impute, training) });
  }
  if (options.clip !== undefined) {
    const [min, max] = Array.isArray(options.clip)
      ? options.clip
      : quantilesOf(training, options.clip.quantiles);
    steps.push({ op: "clip", min: min!, max: max! });
  }
  const fitsShape = options.scale !== "none" || options.bin !== undefined;
  if (!fitsShape && options.log === false) return steps;
  const first = [...steps];
  if (options.log !== false) {
    const { least } = factsOf(scanSteps(training.scan, steps));
    const log = logStep(name, least, options.log);
    first.push(log);
    steps.push(log);
    const [impute] = steps;
    if (impute?.op === "impute") {
      const value = first.reduce((x, step) => applyStep(x, step), impute.value);
      steps.push({ op: "impute", value });
    }
  }
  if (fitsShape) {
    const shaped = trainingValues(scanSteps(training.scan, first));
    steps.push(options.bin === undefined ? scale(shaped, options.scale) : bin(shaped, options.bin));
  }
  return steps;
}

function imputed(how: Exclude<NumericOptions["impute"], "none">, training: TrainingValues): number {
  if (typeof how === "object") return how.constant;
  return how === "mean" ? training.facts.mean : quantilesOf(training, [0.5])[0]!;
}

function quantilesOf(
  { facts, ranked }: TrainingValues,
  asked: readonly number[],
): readonly number[] {
  return quantiles(ranked, facts.present, asked);
}

function refuseInfinite(name: string, { infinite }: NumberFacts): void {
  if (infinite === 0) return;
  throw new DuetMindError(
    "COLUMN_TYPE",
    `feature ${name}: expected finite numbers, got an infinite one in ${infinite} rows of the training split`,
  );
}

function logStep(name: string, least: number, asked: true | number): NumericStep {
  const offset = asked === true ? 0 : asked;
  if (least + offset <= 0) {
    throw new DuetMindError(
      "BAD_INPUT",
      `feature ${name}: expected values above ${-offset} for log, got ${least} in the training split`,
      { hint: "write log: 1 for ln(x + 1), or clip the values first" },
    );
  }
  return { op: "log", offset };
}

function scale(values: TrainingValues, how: NumericOptions["scale"]): NumericStep {
  const [center, spread] = centerAndSpread(values, how);
  // a constant column has no spread: it becomes 0
  return { op: "scale", center, scale: spread > 0 ? spread : 1 };
}

function centerAndSpread(values: TrainingValues, how: NumericOptions["scale"]): [number, number] {
  const { scan, facts } = values;
  if (how === "standard") return [facts.mean, standardDeviation(scan, facts)];
  if (how === "robust") {
    const [low, middle, high] = quantilesOf(values, [0.25, 0.5, 0.75]) as [number, number, number];
    return [middle, high - low];
  }
  return [facts.least, facts.greatest - facts.least];
}

function bin(values: TrainingValues, how: NonNullable<NumericOptions["bin"]>): NumericStep {
  if ("edges" in how) return { op: "bin", edges: how.edges };
  const places = Array.from({ length: how.quantiles - 1 }, (_, i) => (i + 1) / how.quantiles);
  const edges = quantilesOf(values, places);
  return { op: "bin", edges: [...new Set(edges)].sort((a, b) => a - b) };
}
