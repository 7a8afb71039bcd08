/** One point of a metric. The value may be NaN or infinite. */
export type MetricPoint = Readonly<{
  key: string;
  value: number;
  timestampMs: number;
  step: number;
}>;

/**
 * Orders points as MLflow decides which one is the latest: by step, then time, then value, where NaN
 * counts as 0.
 */
export function compareForLatest(a: MetricPoint, b: MetricPoint): number {
  return (
    a.step - b.step ||
    a.timestampMs - b.timestampMs ||
    Math.sign(orZero(a.value) - orZero(b.value) || 0)
  );
}

/** The latest point of each key, sorted by key: the order in which rows are locked. */
export function latestPoints(points: readonly MetricPoint[]): MetricPoint[] {
  const latest = new Map<string, MetricPoint>();
  for (const point of points) {
    const known = latest.get(point.key);
    if (known === undefined || compareForLatest(point, known) > 0) latest.set(point.key, point);
  }
  return [...latest.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
}

function orZero(value: number): number {
  return Number.isNaN(value) ? 0 : value;
}
