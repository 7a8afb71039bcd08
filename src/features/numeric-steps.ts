import { log } from "../core/math.ts";
import type { NumericStep } from "./feature-view.ts";

/** One step on one number, NaN for missing: the same bits as feature-sql.ts gives. */
export function applyStep(x: number, step: NumericStep): number {
  if (Number.isNaN(x)) return step.op === "impute" ? step.value : x;
  switch (step.op) {
    case "impute":
      return x;
    case "clip":
      if (step.min !== null && x < step.min) return step.min;
      return step.max !== null && x > step.max ? step.max : x;
    case "log":
      return x + step.offset > 0 ? log(x + step.offset) : Number.NaN;
    case "scale":
      return (x - step.center) / step.scale;
    case "bin": {
      const above = step.edges.findIndex((edge) => x < edge);
      return above === -1 ? step.edges.length : above;
    }
  }
}

/** All steps over a column, in place. */
export function applySteps(values: Float64Array, steps: readonly NumericStep[]): void {
  for (const step of steps) {
    for (let i = 0; i < values.length; i++) values[i] = applyStep(values[i]!, step);
  }
}
