import type { MetricValues } from "./metrics/measure.ts";
import {
  DEFAULT_GATE,
  METRIC_BOUNDS,
  METRIC_NAMES,
  type MetricName,
  type ThresholdParams,
} from "./threshold-params.ts";

export type Check = Readonly<{
  metric: MetricName;
  op: ">=" | "<=" | ">" | "<";
  /** Null when the baseline that must be beaten has no such metric. */
  required: number | null;
  /** Null when the metric could not be computed: such a check fails. */
  observed: number | null;
  passed: boolean;
}>;

export type Decision = Readonly<{
  status: "staging" | "rejected";
  checks: readonly Check[];
  /** One sentence for each check that failed. */
  reasons: readonly string[];
}>;

/** Compares the test split's point estimates with the thresholds of params.yaml. */
export function decide(
  test: Readonly<{ metrics: MetricValues; baseline: MetricValues }>,
  thresholds: ThresholdParams,
): Decision {
  const isClassifier = test.metrics.accuracy !== undefined;
  const gate: ThresholdParams = isClassifier ? { ...DEFAULT_GATE, ...thresholds } : thresholds;
  const checks = METRIC_NAMES.flatMap((metric): Check[] => {
    const required = gate[metric];
    if (required === undefined || required === null) return [];
    const op = METRIC_BOUNDS[metric] === "minimum" ? ">=" : "<=";
    return [check(metric, op, required, test.metrics)];
  });
  if (gate.beat_majority) {
    const metric = isClassifier ? "accuracy" : "rmse";
    checks.push(
      check(metric, isClassifier ? ">" : "<", test.baseline[metric] ?? null, test.metrics),
    );
  }
  const reasons = checks.filter((each) => !each.passed).map(toReason);
  return { status: reasons.length === 0 ? "staging" : "rejected", checks, reasons };
}

function check(
  metric: MetricName,
  op: Check["op"],
  required: number | null,
  metrics: MetricValues,
): Check {
  const observed = metrics[metric] ?? null;
  const passed = observed !== null && required !== null && holds(observed, op, required);
  return { metric, op, required, observed, passed };
}

function holds(observed: number, op: Check["op"], required: number): boolean {
  switch (op) {
    case ">=":
      return observed >= required;
    case "<=":
      return observed <= required;
    case ">":
      return observed > required;
    case "<":
      return observed < required;
  }
}

const WORDS = {
  ">=": "expected at least",
  "<=": "expected at most",
  ">": "expected better than the baseline's",
  "<": "expected better than the baseline's",
} as const;

function toReason({ metric, op, required, observed }: Check): string {
  const got = observed === null ? "it could not be computed" : `got ${round(observed)}`;
  return `${metric}: ${WORDS[op]} ${required === null ? "(not computed)" : round(required)}, ${got}`;
}

/** Enough digits for a person, never so few that a miss looks like a hit. */
function round(value: number): string {
  return String(Number(value.toPrecision(6)));
}
