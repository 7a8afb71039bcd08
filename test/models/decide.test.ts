import { expect, test } from "vitest";
import { decide } from "../../src/models/decide.ts";

const good = {
  metrics: { accuracy: 0.9, roc_auc: 0.95, log_loss: 0.2 },
  baseline: { accuracy: 0.6, roc_auc: 0.5, log_loss: 0.6 },
};

test("a classifier that passes the default gate goes to staging", () => {
  const { status, checks, reasons } = decide(good, { beat_majority: true });
  expect(status).toBe("staging");
  expect(reasons).toEqual([]);
  expect(checks).toEqual([
    { metric: "accuracy", op: ">=", required: 0.85, observed: 0.9, passed: true },
    { metric: "roc_auc", op: ">=", required: 0.8, observed: 0.95, passed: true },
    { metric: "accuracy", op: ">", required: 0.6, observed: 0.9, passed: true },
  ]);
});

test("every failed check is a reason", () => {
  const poor = { ...good, metrics: { accuracy: 0.6, roc_auc: null, log_loss: 0.5 } };
  const { status, reasons } = decide(poor, { log_loss: 0.4, beat_majority: true });
  expect(status).toBe("rejected");
  expect(reasons).toEqual([
    "accuracy: expected at least 0.85, got 0.6",
    "roc_auc: expected at least 0.8, it could not be computed",
    "log_loss: expected at most 0.4, got 0.5",
    "accuracy: expected better than the baseline's 0.6, got 0.6",
  ]);
});

test("a threshold that is met exactly passes; the baseline must be beaten", () => {
  const exact = { metrics: { accuracy: 0.85, roc_auc: 0.8 }, baseline: { accuracy: 0.85 } };
  expect(decide(exact, { beat_majority: false }).status).toBe("staging");
  expect(decide(exact, { beat_majority: true }).status).toBe("rejected");
});

test("null opens a gate", () => {
  const poor = { metrics: { accuracy: 0.5, roc_auc: 0.4 }, baseline: { accuracy: 0.5 } };
  const open = { accuracy: null, roc_auc: null, beat_majority: false };
  expect(decide(poor, open)).toEqual({ status: "staging", checks: [], reasons: [] });
});

test("a regression has no default gate, and must beat the mean", () => {
  const report = { metrics: { rmse: 2, mae: 1, r2: 0.5 }, baseline: { rmse: 3 } };
  expect(decide(report, { beat_majority: true }).checks).toEqual([
    { metric: "rmse", op: "<", required: 3, observed: 2, passed: true },
  ]);
  expect(decide(report, { rmse: 1.5, beat_majority: true }).reasons).toEqual([
    "rmse: expected at most 1.5, got 2",
  ]);
});

test("a threshold on a metric that the task does not have fails", () => {
  const report = { metrics: { rmse: 2 }, baseline: { rmse: 3 } };
  expect(decide(report, { f1: 0.5, beat_majority: false }).reasons).toEqual([
    "f1: expected at least 0.5, it could not be computed",
  ]);
});
