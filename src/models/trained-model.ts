import { z } from "zod";
import { DuetMindError } from "../core/errors.ts";
import { parseWith } from "../core/parse.ts";

/**
 * A model as plain data: what is scored, exported to ONNX and written to learner.json.
 *
 * Outputs: binary 1 (log odds of class 1), multiclass one a class (softmax), regression 1 (the value).
 */
export type TrainedModel = LinearModel | TreeEnsemble;

export type LinearModel = Readonly<{
  kind: "linear";
  task: "binary" | "multiclass";
  featureNames: readonly string[];
  classCount: number;
  outputCount: number;
  /** Row-major, outputCount × features. */
  coefficients: Float64Array;
  intercepts: Float64Array;
}>;

/**
 * Trees laid end to end. Node i goes to `left[i]` when x[feature[i]] <= threshold[i] (float32), or
 * when x is NaN and missingLeft[i] is 1; else to `right[i]`. A leaf has feature -1 and a value.
 * Children are absolute node numbers and stand after their parent. Tree t adds to output
 * t % outputCount, and raw outputs are float32 sums in tree order: there is no base score beside
 * the trees (it is folded into the leaves of the first tree of each output), because ONNX Runtime
 * ignores base values for binary classifiers.
 */
export type TreeEnsemble = Readonly<{
  kind: "trees";
  task: "binary" | "multiclass" | "regression";
  featureNames: readonly string[];
  classCount: number;
  outputCount: number;
  /** First node of each tree, then the number of nodes: treeCount + 1 numbers. */
  treeStarts: Int32Array;
  feature: Int32Array;
  threshold: Float32Array;
  missingLeft: Uint8Array;
  left: Int32Array;
  right: Int32Array;
  value: Float32Array;
}>;

const count = z.int().nonnegative();
const float32 = z.number().refine((x) => Object.is(Math.fround(x), x), "expected a float32 number");

const linearJson = z.strictObject({
  kind: z.literal("linear"),
  task: z.enum(["binary", "multiclass"]),
  feature_names: z.array(z.string()),
  class_count: count,
  coefficients: z.array(z.array(z.number())),
  intercepts: z.array(z.number()),
});

const treesJson = z.strictObject({
  kind: z.literal("trees"),
  task: z.enum(["binary", "multiclass", "regression"]),
  feature_names: z.array(z.string()),
  class_count: count,
  tree_starts: z.array(count),
  feature: z.array(z.int().min(-1)),
  threshold: z.array(float32),
  missing_left: z.array(z.union([z.literal(0), z.literal(1)])),
  left: z.array(count),
  right: z.array(count),
  value: z.array(float32),
});

const modelJson = z.discriminatedUnion("kind", [linearJson, treesJson]);
export type TrainedModelJson = z.infer<typeof modelJson>;

export function outputCountOf(task: TreeEnsemble["task"], classCount: number): number {
  return task === "multiclass" ? classCount : 1;
}

export function toModelJson(model: TrainedModel): TrainedModelJson {
  const { kind, task, featureNames, classCount } = model;
  const common = { feature_names: [...featureNames], class_count: classCount };
  if (kind === "linear") {
    const width = featureNames.length;
    return {
      ...common,
      kind,
      task,
      coefficients: Array.from(model.intercepts, (_, output) =>
        Array.from(model.coefficients.subarray(output * width, (output + 1) * width)),
      ),
      intercepts: Array.from(model.intercepts),
    };
  }
  return {
    ...common,
    kind,
    task,
    tree_starts: Array.from(model.treeStarts),
    feature: Array.from(model.feature),
    threshold: Array.from(model.threshold),
    missing_left: Array.from(model.missingLeft, (flag) => (flag === 1 ? 1 : 0)),
    left: Array.from(model.left),
    right: Array.from(model.right),
    value: Array.from(model.value),
  };
}

/** Reads what `toModelJson` wrote; refuses what a walker could not walk to its end. */
export function fromModelJson(input: unknown, subject: string): TrainedModel {
  const json = parseWith(modelJson, input, subject);
  const outputCount = outputCountOf(json.task, json.class_count);
  const common = {
    featureNames: json.feature_names,
    classCount: json.class_count,
    outputCount,
  };
  if (json.kind === "linear") {
    const width = json.feature_names.length;
    const even = json.coefficients.every((row) => row.length === width);
    if (!even || json.coefficients.length !== outputCount) {
      throw malformed(subject, `coefficients for ${outputCount} × ${width}`);
    }
    if (json.intercepts.length !== outputCount) {
      throw malformed(subject, `${outputCount} intercepts`);
    }
    return {
      ...common,
      kind: "linear",
      task: json.task,
      coefficients: Float64Array.from(json.coefficients.flat()),
      intercepts: Float64Array.from(json.intercepts),
    };
  }
  const ensemble: TreeEnsemble = {
    ...common,
    kind: "trees",
    task: json.task,
    treeStarts: Int32Array.from(json.tree_starts),
    feature: Int32Array.from(json.feature),
    threshold: Float32Array.from(json.threshold),
    missingLeft: Uint8Array.from(json.missing_left),
    left: Int32Array.from(json.left),
    right: Int32Array.from(json.right),
    value: Float32Array.from(json.value),
  };
  checkTrees(ensemble, subject);
  return ensemble;
}

function checkTrees(model: TreeEnsemble, subject: string): void {
  const { treeStarts, feature, left, right } = model;
  const nodeCount = feature.length;
  const lists = [model.threshold, model.missingLeft, left, right, model.value];
  if (lists.some((list) => list.length !== nodeCount)) {
    throw malformed(subject, `${nodeCount} entries in every list of nodes`);
  }
  const treeCount = treeStarts.length - 1;
  if (treeCount < 1 || treeStarts[0] !== 0 || treeStarts[treeCount] !== nodeCount) {
    throw malformed(subject, `tree_starts from 0 to ${nodeCount}`);
  }
  if (treeCount % model.outputCount !== 0) {
    throw malformed(subject, `a multiple of ${model.outputCount} trees`);
  }
  for (let tree = 0; tree < treeCount; tree++) {
    const end = treeStarts[tree + 1]!;
    if (treeStarts[tree]! >= end) throw malformed(subject, "at least one node in every tree");
    for (let node = treeStarts[tree]!; node < end; node++) {
      const split = feature[node]!;
      if (split === -1) continue;
      const inside = (child: number) => child > node && child < end;
      if (split >= model.featureNames.length || !inside(left[node]!) || !inside(right[node]!)) {
        throw malformed(subject, `children after node ${node} and inside its tree`);
      }
    }
  }
}

function malformed(subject: string, expected: string): DuetMindError {
  return new DuetMindError("BAD_INPUT", `${subject}: expected ${expected}, got another shape`);
}
