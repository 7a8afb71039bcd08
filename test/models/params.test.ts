import { expect, test } from "vitest";
import { parseWith } from "../../src/core/parse.ts";
import { modelParams } from "../../src/models/params.ts";
import { METRIC_NAMES, thresholdParams } from "../../src/models/threshold-params.ts";

const model = (input: unknown) => parseWith(modelParams, input, "params.yaml: model");
const thresholds = (input: unknown) => parseWith(thresholdParams, input, "params.yaml: thresholds");

test("everything has a default", () => {
  expect(model({})).toEqual({
    name: "model",
    algorithm: "boosting",
    task: "auto",
    seed: 42,
    slices: [],
    bootstrap: { samples: 1000, confidence: 0.95 },
    hyperparameters: {
      rounds: 300,
      learning_rate: 0.1,
      max_leaves: 31,
      max_depth: null,
      min_samples_leaf: 20,
      max_bins: 255,
      l2: 1,
      min_gain: 0,
      row_sample: 1,
      column_sample: 1,
      early_stopping_rounds: 20,
    },
  });
  expect(model({ algorithm: "logistic" }).hyperparameters).toEqual({
    l2: 1,
    max_iterations: 100,
    tolerance: 1e-10,
  });
  expect(thresholds({})).toEqual({ beat_majority: true });
});

test.each([
  [{ algorithm: "forest" }, 'algorithm: expected "boosting" or "logistic"'],
  [
    { hyperparameters: { lerning_rate: 0.1 } },
    'hyperparameters: expected a known key, got "lerning_rate"; did you mean "learning_rate"?',
  ],
  [
    { algorithm: "logistic", hyperparameters: { rounds: 5 } },
    'hyperparameters: expected a known key, got "rounds"',
  ],
  [
    { hyperparameters: { max_bins: 256 } },
    "hyperparameters.max_bins: expected at most 255, got 256",
  ],
  [{ seed: "x" }, 'seed: expected a number, got "x"'],
  [{ name: "../x" }, "name: expected letters, digits, _ . - only"],
])("model %j is refused", (input, message) => {
  expect(() => model(input)).toThrow(`params.yaml: model: ${message}`);
});

test("a threshold is the name of a metric and a number", () => {
  for (const name of METRIC_NAMES) expect(thresholds({ [name]: 0.5 })[name]).toBe(0.5);
  expect(() => thresholds({ accuracy: "high" })).toThrow(
    'params.yaml: thresholds: accuracy: expected a number, got "high"',
  );
  expect(() => thresholds({ acuracy: 1 })).toThrow('did you mean "accuracy"?');
});
