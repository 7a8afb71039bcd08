import type { Int64 } from "../core/int64.ts";

/** One point of a metric. The value may be NaN or infinite. */
export type MetricPoint = Readonly<{
  key: string;
  value: number;
  timestampMs: Int64;
  step: Int64;
}>;

/**
 * Orders points as MLflow decides which one is the latest: by step, then time, then value, where NaN
 * counts as 0.
 */
export function compareForLatest(a: MetricPoint, b: MetricPoint): number {
  return (
    compare(a.step, b.step) ||
    compare(a.timestampMs, b.timestampMs) ||
    compare(orZero(a.value), orZero(b.value))
  );
}

/** The latest point of each key, sorted by key: the order in which rows are locked. */
export function latestPoints<Point extends MetricPoint>(points: readonly Point[]): Point[] {
  const latest = new Map<string, Point>();
  for (const point of points) {
    const known = latest.get(point.key);
    if (known === undefined || compareForLatest(point, known) > 0) latest.set(point.key, point);
  }
  return [...latest.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
}

function compare(a: Int64, b: Int64): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function orZero(value: number): number {
  return Number.isNaN(value) ? 0 : value;
}
