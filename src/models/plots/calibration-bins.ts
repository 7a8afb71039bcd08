export type CalibrationBin = Readonly<{ count: number; predicted: number; observed: number }>;

/** Mean prediction of a regression against the mean target, in ten groups of equal size. */
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
