import { exp, log } from "../../core/math.ts";
import type { Objective } from "./objective.ts";

/** A hessian never vanishes, so that a leaf of certain rows has a finite value. */
const SMALLEST_HESSIAN = 1e-16;

/**
 * Log loss of one raw output, the log odds of class 1.
 *
 * The loss of a row is max(0, -m) + ln(1 + e^-|m|) for its margin m. Logarithms are taken of products
 * of the second terms, which lie in (1, 2], so hundreds of rows share one logarithm.
 */
export const binaryObjective: Objective = {
  outputCount: 1,
  base(labels) {
    let ones = 0;
    for (const label of labels) ones += label;
    const zeros = labels.length - ones;
    return Float64Array.of(log(Math.max(ones, 0.5) / Math.max(zeros, 0.5)));
  },
  evaluate(raw, labels, into) {
    const scores = raw[0]!;
    const gradient = into?.gradients[0];
    const hessian = into?.hessians[0];
    let linear = 0;
    let logarithms = 0;
    let product = 1;
    for (let i = 0; i < labels.length; i++) {
      const score = scores[i]!;
      const label = labels[i]!;
      const e = exp(score < 0 ? score : -score);
      product *= 1 + e;
      if (product > 1e300) {
        logarithms += log(product);
        product = 1;
      }
      const margin = label === 1 ? score : -score;
      if (margin < 0) linear -= margin;
      if (gradient !== undefined) {
        const probability = score < 0 ? e / (1 + e) : 1 / (1 + e);
        gradient[i] = probability - label;
        hessian![i] = Math.max(probability * (1 - probability), SMALLEST_HESSIAN);
      }
    }
    return (linear + logarithms + log(product)) / labels.length;
  },
};
