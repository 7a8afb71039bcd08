import type { Outcomes } from "./measure.ts";
import type { Prepared } from "./predictions.ts";

/** RMSE, MAE and R², each row counted `weights[row]` times. */
export function regressionMetrics(
  { labels, predicted }: Prepared,
  weights: Int32Array,
  total: number,
): Outcomes {
  if (total === 0) {
    const none = { reason: "no rows" };
    return { rmse: none, mae: none, r2: none };
  }
  let sum = 0;
  for (let row = 0; row < labels.length; row++) sum += weights[row]! * labels[row]!;
  const mean = sum / total;
  let squares = 0;
  let absolutes = 0;
  let spread = 0;
  let constant = true;
  let first = Number.NaN;
  for (let row = 0; row < labels.length; row++) {
    const weight = weights[row]!;
    if (weight === 0) continue;
    const label = labels[row]!;
    if (Number.isNaN(first)) first = label;
    if (label !== first) constant = false;
    const residual = label - predicted[row]!;
    squares += weight * residual * residual;
    absolutes += weight * Math.abs(residual);
    spread += weight * (label - mean) ** 2;
  }
  return {
    rmse: Math.sqrt(squares / total),
    mae: absolutes / total,
    r2: constant ? { reason: "the target is the same in every row" } : 1 - squares / spread,
  };
}
