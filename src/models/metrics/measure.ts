import type { MetricName } from "../threshold-params.ts";
import { type ConfusionMatrix, classMetrics, countConfusion } from "./confusion.ts";
import type { Prepared } from "./predictions.ts";
import { averageRanking } from "./ranking.ts";
import { regressionMetrics } from "./regression.ts";

export type MetricValues = Readonly<Partial<Record<MetricName, number | null>>>;

/** Metrics of some rows; a metric that these rows cannot have is null, with the reason beside. */
export type Measured = Readonly<{
  metrics: MetricValues;
  not_computed: Readonly<Partial<Record<MetricName, string>>>;
  /** Rows are true classes, columns predicted ones; null for regression. */
  confusion_matrix: ConfusionMatrix | null;
}>;

/** A metric, or why there is none. */
export type Outcome = number | Readonly<{ reason: string }>;
export type Outcomes = Readonly<Partial<Record<MetricName, Outcome>>>;

/** Every metric of the task, each row counted `weights[row]` times. */
export function measure(prepared: Prepared, weights: Int32Array): Measured {
  let total = 0;
  for (const weight of weights) total += weight;
  if (prepared.task === "regression") {
    return split(regressionMetrics(prepared, weights, total), null);
  }
  const confusion = countConfusion(prepared, weights);
  const outcomes: Outcomes = {
    ...classMetrics(confusion, prepared.task),
    ...averageRanking(prepared.rankings, prepared.labels, weights),
    log_loss: mean(prepared.logLoss, weights, total),
    brier: mean(prepared.brier, weights, total),
  };
  return split(outcomes, confusion);
}

/** Every row once. */
export function onceEach(rowCount: number): Int32Array {
  return new Int32Array(rowCount).fill(1);
}

export function mean(values: Float64Array, weights: Int32Array, total: number): Outcome {
  if (total === 0) return { reason: "no rows" };
  let sum = 0;
  for (let row = 0; row < values.length; row++) sum += weights[row]! * values[row]!;
  return sum / total;
}

function split(outcomes: Outcomes, confusion: ConfusionMatrix | null): Measured {
  const metrics: Partial<Record<MetricName, number | null>> = {};
  const reasons: Partial<Record<MetricName, string>> = {};
  for (const [name, outcome] of Object.entries(outcomes) as [MetricName, Outcome][]) {
    metrics[name] = typeof outcome === "number" ? outcome : null;
    if (typeof outcome !== "number") reasons[name] = outcome.reason;
  }
  return { metrics, not_computed: reasons, confusion_matrix: confusion };
}
