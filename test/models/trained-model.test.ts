import { expect, test } from "vitest";
import { canonicalJson } from "../../src/core/canonical-json.ts";
import { fromModelJson, type TrainedModel, toModelJson } from "../../src/models/trained-model.ts";

const trees: TrainedModel = {
  kind: "trees",
  task: "binary",
  featureNames: ["x"],
  classCount: 2,
  outputCount: 1,
  treeStarts: Int32Array.of(0, 3, 4),
  feature: Int32Array.of(0, -1, -1, -1),
  threshold: Float32Array.of(0.1, 0, 0, 0),
  missingLeft: Uint8Array.of(1, 0, 0, 0),
  left: Int32Array.of(1, 0, 0, 0),
  right: Int32Array.of(2, 0, 0, 0),
  value: Float32Array.of(0, -0.3, 0.7, 1e-7),
};

const linear: TrainedModel = {
  kind: "linear",
  task: "multiclass",
  featureNames: ["x", "y"],
  classCount: 3,
  outputCount: 3,
  coefficients: Float64Array.of(0.1, 0.2, 0.3, 0.4, 0.5, 0.6),
  intercepts: Float64Array.of(1, 2, 3),
};

test.each([["trees", trees] as const, ["linear", linear] as const])(
  "%s come back from JSON bit for bit",
  (_, model) => {
    const json: unknown = JSON.parse(canonicalJson(toModelJson(model)));
    expect(fromModelJson(json, "learner.json")).toEqual(model);
  },
);

test.each([
  ["a child before its parent", { left: [0, 0, 0, 0] }, "children after node 0"],
  ["a child in another tree", { right: [3, 0, 0, 0] }, "children after node 0"],
  ["an unknown feature", { feature: [1, -1, -1, -1] }, "children after node 0"],
  ["lists of unlike length", { value: [1] }, "4 entries in every list of nodes"],
  ["an empty tree", { tree_starts: [0, 0, 4] }, "at least one node in every tree"],
  ["starts that miss nodes", { tree_starts: [0, 3] }, "tree_starts from 0 to 4"],
  ["a double for a float32", { threshold: [0.1, 0, 0, 0] }, "threshold.0: expected a float32"],
])("a file with %s is refused", (_, change, message) => {
  const json = { ...toModelJson(trees), ...change };
  expect(() => fromModelJson(json, "learner.json")).toThrow(
    message.startsWith("threshold")
      ? `learner.json: ${message}`
      : `learner.json: expected ${message}`,
  );
});

test("a linear file of the wrong shape is refused", () => {
  const json = toModelJson(linear);
  expect(() => fromModelJson({ ...json, coefficients: [[1, 2]] }, "learner.json")).toThrow(
    "learner.json: expected coefficients for 3 × 2",
  );
  expect(() => fromModelJson({ ...json, intercepts: [1] }, "learner.json")).toThrow(
    "learner.json: expected 3 intercepts",
  );
});
