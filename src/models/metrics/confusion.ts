import type { Outcome, Outcomes } from "./measure.ts";
import type { Prepared } from "./predictions.ts";

/** [true class][predicted class] → rows. */
export type ConfusionMatrix = readonly (readonly number[])[];

export function countConfusion(
  { cells, classCount }: Prepared,
  weights: Int32Array,
): ConfusionMatrix {
  const counts = new Float64Array(classCount * classCount);
  for (let row = 0; row < cells.length; row++) {
    const cell = cells[row]!;
    counts[cell] = counts[cell]! + weights[row]!;
  }
  return Array.from({ length: classCount }, (_, k) =>
    Array.from(counts.subarray(k * classCount, (k + 1) * classCount)),
  );
}

/**
 * Metrics of the predicted classes. Averages follow scikit-learn: over the classes that occur in the
 * truth or the predictions, an undefined precision or recall counting 0; balanced accuracy over the
 * classes that occur in the truth.
 */
export function classMetrics(confusion: ConfusionMatrix, task: "binary" | "multiclass"): Outcomes {
  const classes = confusion.map((row, k) => {
    const truth = sum(row);
    const said = sum(confusion.map((other) => other[k]!));
    return { hits: row[k]!, truth, said };
  });
  const total = sum(classes.map((each) => each.truth));
  const hits = sum(classes.map((each) => each.hits));
  const present = classes.filter((each) => each.truth > 0);
  const overall: Outcomes = {
    accuracy: ratio(hits, total, "no rows"),
    balanced_accuracy: ratio(
      sum(present.map((each) => each.hits / each.truth)),
      present.length,
      "no rows",
    ),
  };
  if (task === "binary") {
    const one = classes[1]!;
    return {
      ...overall,
      precision: ratio(one.hits, one.said, "no row is predicted positive"),
      recall: ratio(one.hits, one.truth, "no row of the positive class"),
      f1: ratio(2 * one.hits, one.truth + one.said, "no row is positive or predicted so"),
    };
  }
  const seen = classes
    .filter((each) => each.truth + each.said > 0)
    .map((each) => ({
      truth: each.truth,
      precision: each.said === 0 ? 0 : each.hits / each.said,
      recall: each.truth === 0 ? 0 : each.hits / each.truth,
      f1: (2 * each.hits) / (each.truth + each.said),
    }));
  const macro = (of: (each: (typeof seen)[number]) => number) =>
    ratio(sum(seen.map(of)), seen.length, "no rows");
  const weighted = (of: (each: (typeof seen)[number]) => number) =>
    ratio(sum(seen.map((each) => each.truth * of(each))), total, "no rows");
  return {
    ...overall,
    precision_macro: macro((each) => each.precision),
    recall_macro: macro((each) => each.recall),
    f1_macro: macro((each) => each.f1),
    precision_weighted: weighted((each) => each.precision),
    recall_weighted: weighted((each) => each.recall),
    f1_weighted: weighted((each) => each.f1),
  };
}

function ratio(part: number, whole: number, reason: string): Outcome {
  return whole === 0 ? { reason } : part / whole;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
