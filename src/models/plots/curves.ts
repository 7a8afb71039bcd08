/** Curves of one class against the rest, thinned to what a picture can show. */
export type CurvePoint = Readonly<{ threshold: number | null; x: number; y: number }>;

const MOST_POINTS = 256;

type Step = Readonly<{ threshold: number; truePositives: number; falsePositives: number }>;

/** Counts of hits and false alarms at each distinct score, from the largest down. */
function thresholdSteps(isPositive: Uint8Array, scores: Float64Array): Step[] {
  const order = Uint32Array.from(scores.keys()).sort((a, b) => scores[b]! - scores[a]! || a - b);
  const steps: Step[] = [];
  let truePositives = 0;
  let falsePositives = 0;
  order.forEach((row, i) => {
    if (isPositive[row] === 1) truePositives += 1;
    else falsePositives += 1;
    const isLastOfTie = i + 1 === order.length || scores[order[i + 1]!] !== scores[row];
    if (isLastOfTie) steps.push({ threshold: scores[row]!, truePositives, falsePositives });
  });
  return steps;
}

/** False positive rate (x) against true positive rate (y), from (0, 0) to (1, 1). */
export function rocCurve(isPositive: Uint8Array, scores: Float64Array): CurvePoint[] {
  const steps = thresholdSteps(isPositive, scores);
  const last = steps.at(-1);
  const [positives, negatives] = [last?.truePositives || 1, last?.falsePositives || 1];
  const points = steps.map(({ threshold, truePositives, falsePositives }) => ({
    ...{ threshold, x: falsePositives / negatives, y: truePositives / positives },
  }));
  return thin([{ threshold: null, x: 0, y: 0 }, ...points]);
}

/** Recall (x) against precision (y), from recall 0 to 1. */
export function precisionRecallCurve(isPositive: Uint8Array, scores: Float64Array): CurvePoint[] {
  const steps = thresholdSteps(isPositive, scores);
  const positives = steps.at(-1)?.truePositives || 1;
  const points = steps.map(({ threshold, truePositives, falsePositives }) => ({
    ...{ threshold, x: truePositives / positives },
    y: truePositives / (truePositives + falsePositives),
  }));
  return thin([{ threshold: null, x: 0, y: 1 }, ...points]);
}

/** Evenly chosen points, with both ends. */
function thin(points: readonly CurvePoint[]): CurvePoint[] {
  if (points.length <= MOST_POINTS) return [...points];
  const step = (points.length - 1) / (MOST_POINTS - 1);
  return Array.from({ length: MOST_POINTS }, (_, i) => points[Math.round(i * step)]!);
}

export type CalibrationBin = Readonly<{ count: number; predicted: number; observed: number }>;

/**
 * Mean prediction against what happened, in ten groups of equal size by prediction. For a class the
 * observed value is its share; for a regression it is the mean target.
 */
export function calibrationBins(
  observed: ArrayLike<number>,
  predicted: Float64Array,
): CalibrationBin[] {
  const order = Uint32Array.from(predicted.keys()).sort(
    (a, b) => predicted[a]! - predicted[b]! || a - b,
  );
  const groups = Math.min(10, order.length);
  return Array.from({ length: groups }, (_, g) => {
    const rows = order.subarray(
      Math.floor((g * order.length) / groups),
      Math.floor(((g + 1) * order.length) / groups),
    );
    let predictedSum = 0;
    let observedSum = 0;
    for (const row of rows) {
      predictedSum += predicted[row]!;
      observedSum += observed[row]!;
    }
    return {
      count: rows.length,
      predicted: predictedSum / rows.length,
      observed: observedSum / rows.length,
    };
  });
}
