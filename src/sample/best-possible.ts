/** What the best of all models would reach, on average, when the true probabilities are known. */
export type BestPossible = Readonly<{ accuracy: number; rocAuc: number; prevalence: number }>;

const BINS = 20_000;

/**
 * Adds up true probabilities. Accuracy is the mean of max(p, 1 - p); ROC AUC the chance that a sick
 * row has the higher p, from shares of sick and well rows by bins of p, ties counting half.
 */
export function createBestPossible(): Readonly<{ add(p: number): void; result(): BestPossible }> {
  const sick = new Float64Array(BINS);
  const well = new Float64Array(BINS);
  let count = 0;
  let right = 0;
  return {
    add(p) {
      const bin = Math.min(BINS - 1, Math.floor(p * BINS));
      sick[bin] = sick[bin]! + p;
      well[bin] = well[bin]! + 1 - p;
      right += Math.max(p, 1 - p);
      count += 1;
    },
    result() {
      let [allSick, allWell, ordered] = [0, 0, 0];
      for (let bin = 0; bin < BINS; bin++) {
        ordered += sick[bin]! * (allWell + well[bin]! / 2);
        allSick += sick[bin]!;
        allWell += well[bin]!;
      }
      return {
        accuracy: right / count,
        rocAuc: ordered / (allSick * allWell),
        prevalence: allSick / count,
      };
    },
  };
}
