import { exp, log } from "../../core/math.ts";
import type { Objective } from "./objective.ts";

const SMALLEST_HESSIAN = 1e-16;

/** Cross-entropy of a softmax over one raw output a class. */
export function softmaxObjective(classCount: number): Objective {
  return {
    outputCount: classCount,
    base(labels) {
      const counts = new Float64Array(classCount);
      for (const label of labels) counts[label] = counts[label]! + 1;
      const logs = counts.map((count) => log(Math.max(count, 0.5) / labels.length));
      const mean = logs.reduce((sum, value) => sum + value, 0) / classCount;
      return logs.map((value) => value - mean);
    },
    evaluate(raw, labels, into) {
      const exponentials = new Float64Array(classCount);
      let linear = 0;
      let logarithms = 0;
      let product = 1; // of the sums of exponentials, each in [1, classCount]
      for (let i = 0; i < labels.length; i++) {
        let highest = raw[0]![i]!;
        for (let k = 1; k < classCount; k++) highest = Math.max(highest, raw[k]![i]!);
        let sum = 0;
        for (let k = 0; k < classCount; k++) {
          const e = exp(raw[k]![i]! - highest);
          exponentials[k] = e;
          sum += e;
        }
        product *= sum;
        if (product > 1e250) {
          logarithms += log(product);
          product = 1;
        }
        const label = labels[i]!;
        linear += highest - raw[label]![i]!;
        if (into === null) continue;
        for (let k = 0; k < classCount; k++) {
          const probability = exponentials[k]! / sum;
          into.gradients[k]![i] = k === label ? probability - 1 : probability;
          into.hessians[k]![i] = Math.max(probability * (1 - probability), SMALLEST_HESSIAN);
        }
      }
      return (linear + logarithms + log(product)) / labels.length;
    },
  };
}
