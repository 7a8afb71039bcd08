import { type Predictions, prepare, type Ranking } from "./predictions.ts";

export type RocPoint = Readonly<{ fpr: number; tpr: number; threshold: number | null }>;
export type PrPoint = Readonly<{ recall: number; precision: number; threshold: number | null }>;
export type CalibrationBin = Readonly<{ predicted: number; observed: number; row_count: number }>;

/** Curves of one class against the rest, as data. */
export type Curves = Readonly<{
  positive: number;
  roc: readonly RocPoint[];
  precision_recall: readonly PrPoint[];
  calibration: readonly CalibrationBin[];
}>;

/** Curves hold at most this many points, evenly taken, both ends kept. */
const MOST_POINTS = 500;
const CALIBRATION_BINS = 10;

/** Binary: one entry. Multiclass: one a class. A class without positives or negatives has none. */
export function curvesOf(predictions: Predictions): Curves[] {
  const { rankings, labels } = prepare(predictions);
  return rankings.flatMap((ranking) => {
    const steps = stepsOf(ranking, predictions);
    const { positives, rows } = steps.at(-1) ?? { positives: 0, rows: 0 };
    const negatives = rows - positives;
    if (positives === 0 || negatives === 0) return [];
    const shown = thin(steps);
    return {
      positive: ranking.positive,
      roc: [
        { fpr: 0, tpr: 0, threshold: null },
        ...shown.map((step) => ({
          fpr: (step.rows - step.positives) / negatives,
          tpr: step.positives / positives,
          threshold: step.threshold,
        })),
      ],
      precision_recall: [
        { recall: 0, precision: 1, threshold: null },
        ...shown.map((step) => ({
          recall: step.positives / positives,
          precision: step.positives / step.rows,
          threshold: step.threshold,
        })),
      ],
      calibration: calibrate(predictions, labels, ranking.positive),
    };
  });
}

/** Rows at or above a threshold, and how many of them are positive. */
type Step = Readonly<{ threshold: number; rows: number; positives: number }>;

function stepsOf({ order, last, positive }: Ranking, predictions: Predictions): Step[] {
  const { labels, scores, classCount } = predictions;
  const steps: Step[] = [];
  let positives = 0;
  for (let i = 0; i < order.length; i++) {
    const row = order[i]!;
    if (labels[row] === positive) positives++;
    if (last[i] === 0) continue;
    steps.push({ threshold: scores[row * classCount + positive]!, rows: i + 1, positives });
  }
  return steps;
}

function thin<T>(items: readonly T[]): T[] {
  if (items.length <= MOST_POINTS) return [...items];
  return Array.from(
    { length: MOST_POINTS },
    (_, i) => items[Math.round((i * (items.length - 1)) / (MOST_POINTS - 1))]!,
  );
}

/** Mean prediction and share of positives in ten bins of equal width; empty bins are left out. */
function calibrate(
  { scores, classCount }: Predictions,
  labels: Float64Array,
  positive: number,
): CalibrationBin[] {
  const sums = new Float64Array(CALIBRATION_BINS);
  const hits = new Float64Array(CALIBRATION_BINS);
  const rows = new Float64Array(CALIBRATION_BINS);
  for (let row = 0; row < labels.length; row++) {
    const score = scores[row * classCount + positive]!;
    // bin b holds b / 10 < score <= (b + 1) / 10, and the first one also 0
    let bin = 0;
    while (bin < CALIBRATION_BINS - 1 && score > (bin + 1) / CALIBRATION_BINS) bin++;
    sums[bin] = sums[bin]! + score;
    rows[bin] = rows[bin]! + 1;
    if (labels[row] === positive) hits[bin] = hits[bin]! + 1;
  }
  return Array.from(rows, (count, bin) => ({
    predicted: sums[bin]! / count,
    observed: hits[bin]! / count,
    row_count: count,
  })).filter((each) => each.row_count > 0);
}
