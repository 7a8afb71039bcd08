import type { NumericStep } from "./feature-view.ts";
import { applySteps } from "./numeric-steps.ts";

/**
 * The numbers of a column, block by block in row order, NaN where missing, as often as they are asked
 * for: a column of any length is fitted in the memory of one block.
 */
export type NumberScan = (visit: (values: Float64Array) => void) => void;

/** A column that lies in memory. */
export function scanArray(values: Float64Array): NumberScan {
  return (visit) => visit(values.slice());
}

/** The column after steps. A block belongs to its visitor, so they are applied in place. */
export function scanSteps(scan: NumberScan, steps: readonly NumericStep[]): NumberScan {
  if (steps.length === 0) return scan;
  return (visit) =>
    scan((values) => {
      applySteps(values, steps);
      visit(values);
    });
}

export type NumberFacts = Readonly<{
  present: number;
  infinite: number;
  /** Infinity and -Infinity where nothing is present. */
  least: number;
  greatest: number;
  /** NaN where nothing is present. */
  mean: number;
}>;

/** Counts, bounds and mean of the values that are not missing. */
export function factsOf(scan: NumberScan): NumberFacts {
  let [present, infinite] = [0, 0];
  let [least, greatest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  const total: CompensatedSum = { sum: 0, lost: 0 };
  scan((values) => {
    for (let i = 0; i < values.length; i++) {
      const x = values[i]!;
      if (Number.isNaN(x)) continue;
      present += 1;
      if (x < least) least = x;
      if (x > greatest) greatest = x;
      if (x - x !== 0) infinite += 1;
    }
    addTerms(total, values, (x) => x);
  });
  return { present, infinite, least, greatest, mean: (total.sum + total.lost) / present };
}

/** Population standard deviation (÷ n) about the mean. */
export function standardDeviation(scan: NumberScan, { mean, present }: NumberFacts): number {
  const total: CompensatedSum = { sum: 0, lost: 0 };
  scan((values) => addTerms(total, values, (x) => (x - mean) * (x - mean)));
  return Math.sqrt((total.sum + total.lost) / present);
}

type CompensatedSum = { sum: number; lost: number };

/** Neumaier's sum in row order: the same bits whatever the blocks. */
function addTerms(total: CompensatedSum, values: Float64Array, term: (x: number) => number): void {
  let { sum, lost } = total;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (Number.isNaN(value)) continue;
    const x = term(value);
    const next = sum + x;
    lost += Math.abs(sum) >= Math.abs(x) ? sum - next + x : x - next + sum;
    sum = next;
  }
  total.sum = sum;
  total.lost = lost;
}
