import type { Random } from "../core/random.ts";
import { measure } from "./metrics/measure.ts";
import type { Prepared } from "./metrics/predictions.ts";
import { METRIC_NAMES, type MetricName } from "./threshold-params.ts";

export type Interval = Readonly<{ low: number; high: number }>;

export type BootstrapOptions = Readonly<{
  samples: number;
  confidence: number;
  /** Subject of each row as numbers from 0 without a gap, or null: every row is its own. */
  subjects: Int32Array | null;
}>;

/**
 * Percentile bootstrap intervals: the same number of rows (or subjects) is drawn with replacement,
 * every metric is taken anew, and the interval holds the middle share of the results. A draw on which
 * a metric is undefined leaves that metric out; with no draws left there is no interval.
 *
 * Rows of one subject are alike, so a second visit tells less than a second patient, and drawing rows
 * would call the interval narrower than it is. Where subjects are known they are drawn whole, each with
 * all its rows (the cluster bootstrap: Davison and Hinkley, Bootstrap Methods and their Application,
 * 1997, section 3.8; Field and Welsh, Bootstrapping clustered data, J. R. Stat. Soc. B 69, 2007).
 *
 *     rows     a a a b b c      subjects drawn   a c c
 *     times    1 1 1 0 0 2
 */
export function bootstrapIntervals(
  prepared: Prepared,
  options: BootstrapOptions,
  random: Random,
): Readonly<Partial<Record<MetricName, Interval>>> {
  const units = options.subjects === null ? prepared.rowCount : countSubjects(options.subjects);
  const drawn = new Int32Array(units);
  const perRow = options.subjects === null ? drawn : new Int32Array(prepared.rowCount);
  const samples = new Map<MetricName, number[]>();
  for (let sample = 0; sample < options.samples && units > 0; sample++) {
    drawn.fill(0);
    for (let i = 0; i < units; i++) {
      const unit = random.integer(units);
      drawn[unit] = drawn[unit]! + 1;
    }
    options.subjects?.forEach((subject, row) => {
      perRow[row] = drawn[subject]!;
    });
    const { metrics } = measure(prepared, perRow);
    for (const name of METRIC_NAMES) {
      const value = metrics[name];
      if (value === undefined || value === null) continue;
      const list = samples.get(name);
      if (list === undefined) samples.set(name, [value]);
      else list.push(value);
    }
  }
  const tail = (1 - options.confidence) / 2;
  return Object.fromEntries(
    Array.from(samples, ([name, values]) => {
      const sorted = Float64Array.from(values).sort();
      return [name, { low: quantile(sorted, tail), high: quantile(sorted, 1 - tail) }];
    }),
  );
}

function countSubjects(subjects: Int32Array): number {
  let highest = -1;
  for (const subject of subjects) highest = Math.max(highest, subject);
  return highest + 1;
}

/** Linear between order statistics, as numpy.quantile. */
function quantile(sorted: Float64Array, share: number): number {
  const place = share * (sorted.length - 1);
  const below = Math.floor(place);
  const low = sorted[below]!;
  const high = sorted[Math.min(below + 1, sorted.length - 1)]!;
  return low + (high - low) * (place - below);
}
