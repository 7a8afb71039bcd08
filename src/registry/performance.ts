/** A measured value with its 95 % interval; null where a metric is not defined. */
export type Measured = Readonly<{
  value: number | null;
  lower: number | null;
  upper: number | null;
  /** What always answering the majority class (regression: the mean) reaches. */
  baseline: number | null;
}>;

/** What a model version was measured to do: split → metric → value, as `performance_metrics` holds it. */
export type Performance = Readonly<Record<string, Readonly<Record<string, Measured>>>>;
