import type { Objective } from "./objective.ts";

/** Mean squared error; the derivatives are those of half of it, so that a full step is the mean. */
export const squaredObjective: Objective = {
  outputCount: 1,
  base(labels) {
    let sum = 0;
    for (const label of labels) sum += label;
    return Float64Array.of(sum / labels.length);
  },
  evaluate(raw, labels, into) {
    const scores = raw[0]!;
    const gradient = into?.gradients[0];
    let sum = 0;
    for (let i = 0; i < labels.length; i++) {
      const residual = scores[i]! - labels[i]!;
      sum += residual * residual;
      if (gradient !== undefined) gradient[i] = residual;
    }
    into?.hessians[0]?.fill(1);
    return sum / labels.length;
  },
};
