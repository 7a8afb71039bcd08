import fc from "fast-check";
import { expect, test } from "vitest";
import { createRandom } from "../../../src/core/random.ts";
import { boosting } from "../../../src/models/boosting/boosting.ts";
import { boostingParams } from "../../../src/models/boosting/boosting-params.ts";
import type { FitInput, Task } from "../../../src/models/learner.ts";
import { type LabelledMatrix, takeRows, toMatrix } from "../../../src/models/matrix.ts";
import { scoreProbabilities, scoreRaw } from "../../../src/models/score.ts";
import { type TreeEnsemble, toModelJson } from "../../../src/models/trained-model.ts";

type Params = Parameters<typeof boostingParams.parse>[0];
type Input = FitInput<ReturnType<typeof boostingParams.parse>>;

const FEATURES = 5;

/** Rows with interactions, a repeated-value column and missing values in column 1. */
function sample(rowCount: number, task: Task, seed = 1, missing = 0.2): LabelledMatrix {
  const random = createRandom(seed);
  const columns = Array.from({ length: FEATURES }, () => new Float64Array(rowCount));
  const labels = new Float64Array(rowCount);
  for (let row = 0; row < rowCount; row++) {
    const x = columns.map(() => random.normal());
    x[4] = Math.round(x[4]!);
    const absent = random.uniform() < missing;
    const value = x[0]! + x[2]! * x[3]! + (absent ? 1.5 : x[1]!) + 0.3 * random.normal();
    columns.forEach((column, f) => {
      column[row] = absent && f === 1 ? Number.NaN : x[f]!;
    });
    labels[row] =
      task === "regression" ? value : task === "binary" ? Number(value > 0) : classOf(value);
  }
  const names = columns.map((_, f) => `x${f}`);
  return { matrix: toMatrix(names, columns), labels };
}

function classOf(value: number): number {
  return value < -0.8 ? 0 : value < 1 ? 1 : 2;
}

function inputOf(train: LabelledMatrix, task: Task, params: Params = {}): Input {
  return {
    train,
    validation: null,
    task,
    classCount: task === "multiclass" ? 3 : task === "binary" ? 2 : 1,
    hyperparameters: boostingParams.parse({ rounds: 20, ...(params as object) }),
    random: createRandom(3),
  };
}

async function fitTrees(input: Input): Promise<TreeEnsemble> {
  return (await boosting.fit(input)).model as TreeEnsemble;
}

const TASKS = ["binary", "multiclass", "regression"] as const;

for (const task of TASKS) {
  test(`${task}: learns, and the walker gives the scores that training saw`, async () => {
    const train = sample(1500, task);
    const test_ = sample(1500, task, 2);
    const fit = await boosting.fit({ ...inputOf(train, task), validation: test_ });
    const losses = fit.history.map((step) => step.trainLoss);
    expect(losses.at(-1)).toBeLessThan(losses[0]! * 0.6);
    const last = fit.history[fit.bestStep - 1]!;
    for (const [rows, loss] of [
      [train, last.trainLoss],
      [test_, last.validationLoss!],
    ] as const) {
      expect(lossOf(task, rows, scoreProbabilities(fit.model, rows.matrix))).toBeCloseTo(loss, 5);
    }
  });

  test(`${task}: the same seed gives the same bytes, with sampling too`, async () => {
    const input = inputOf(sample(400, task), task, { row_sample: 0.6, column_sample: 0.6 });
    const bytes = async (seed: number) =>
      JSON.stringify(toModelJson(await fitTrees({ ...input, random: createRandom(seed) })));
    const first = await bytes(3);
    expect(await bytes(3)).toBe(first);
    expect(await bytes(4)).not.toBe(first);
  });

  test(`${task}: the order of columns changes nothing, to the last bit`, async () => {
    const { matrix, labels } = sample(600, task);
    const order = [3, 1, 4, 0, 2];
    const turned = {
      rowCount: matrix.rowCount,
      names: order.map((f) => matrix.names[f]!),
      columns: order.map((f) => matrix.columns[f]!),
    };
    const params = { column_sample: 0.6, row_sample: 0.7 };
    const straight = await boosting.fit(inputOf({ matrix, labels }, task, params));
    const other = await boosting.fit(inputOf({ matrix: turned, labels }, task, params));
    expect(scoreRaw(other.model, matrix)).toEqual(scoreRaw(straight.model, matrix));
    const gain = straight.importance[0]!.values;
    expect(other.importance[0]!.values).toEqual(Float64Array.from(order, (f) => gain[f]!));
  });

  test(`${task}: more rounds never raise the training loss at a small learning rate`, async () => {
    const input = inputOf(sample(500, task), task, { learning_rate: 0.05, rounds: 60 });
    const losses = (await boosting.fit(input)).history.map((step) => step.trainLoss);
    expect(losses.length).toBe(60);
    for (let i = 1; i < losses.length; i++) expect(losses[i]).toBeLessThanOrEqual(losses[i - 1]!);
  });
}

function lossOf(task: Task, { labels }: LabelledMatrix, scores: Float64Array): number {
  const width = scores.length / labels.length;
  const terms = Array.from(labels, (label, row) =>
    task === "regression" ? (label - scores[row]!) ** 2 : -Math.log(scores[row * width + label]!),
  );
  return terms.reduce((sum, term) => sum + term, 0) / terms.length;
}

test("a monotone transform of a feature keeps every row in its leaf", async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 1000 }), async (seed) => {
      const { matrix, labels } = sample(200, "binary", seed);
      const columns = matrix.columns.map((column) => column.map((x) => x * x * x * 8 + x));
      const bent = toMatrix(matrix.names, columns);
      const params = { rounds: 5, min_samples_leaf: 5, max_bins: 32 };
      const straight = await fitTrees(inputOf({ matrix, labels }, "binary", params));
      const other = await fitTrees(inputOf({ matrix: bent, labels }, "binary", params));
      expect(scoreRaw(other, bent)).toEqual(scoreRaw(straight, matrix));
    }),
    { numRuns: 20 },
  );
});

test("rows without a value follow the direction that they were trained to", async () => {
  const x = Float64Array.from({ length: 400 }, (_, row) => (row % 4 === 0 ? Number.NaN : row % 4));
  const labels = x.map((value) => Number(Number.isNaN(value) || value === 3));
  const train = { matrix: toMatrix(["x"], [x]), labels };
  const model = await fitTrees(inputOf(train, "binary", { rounds: 50 }));
  const scores = scoreProbabilities(model, toMatrix(["x"], [[Number.NaN, 1, 2, 3]]));
  const positive = [1, 3, 5, 7].map((i) => Math.round(scores[i]!));
  expect(positive).toEqual([1, 0, 0, 1]);
});

test("a value missing from present ones alone is a split", async () => {
  const x = Float64Array.from({ length: 100 }, (_, row) => (row % 2 === 0 ? Number.NaN : 7));
  const labels = x.map((value) => Number(Number.isNaN(value)));
  const model = await fitTrees(inputOf({ matrix: toMatrix(["x"], [x]), labels }, "binary"));
  const [, absent, , present] = scoreProbabilities(model, toMatrix(["x"], [[Number.NaN, 7]]));
  expect(absent).toBeGreaterThan(0.8);
  expect(present).toBeLessThan(0.2);
});

test("missing values never throw, wherever they stand", async () => {
  const value = fc.oneof(fc.constant(Number.NaN), fc.double({ noNaN: true }), fc.integer());
  const rows = fc.array(fc.tuple(value, value, fc.integer({ min: 0, max: 1 })), { minLength: 1 });
  await fc.assert(
    fc.asyncProperty(rows, async (table) => {
      const columns = [table.map((row) => row[0]), table.map((row) => row[1])];
      const matrix = toMatrix(["a", "b"], columns);
      const labels = Float64Array.from(table, (row) => row[2]);
      const params = { rounds: 3, min_samples_leaf: 1 };
      const model = await fitTrees(inputOf({ matrix, labels }, "binary", params));
      expect(scoreProbabilities(model, matrix).every((p) => p >= 0 && p <= 1)).toBe(true);
    }),
    { numRuns: 50 },
  );
});

test("a constant feature is not used", async () => {
  const { matrix, labels } = sample(300, "binary");
  const flat = { ...matrix, names: [...matrix.names, "flat"] };
  const columns = [...matrix.columns, new Float32Array(300).fill(3)];
  const fit = await boosting.fit(inputOf({ matrix: { ...flat, columns }, labels }, "binary"));
  for (const { values } of fit.importance) expect(values[5]).toBe(0);
  expect(fit.importance[0]!.values[0]).toBeGreaterThan(0);
});

test("nothing to learn is one leaf: the mean, the share of a class", async () => {
  const matrix = toMatrix(["x"], [Float64Array.from({ length: 100 }, (_, row) => row)]);
  const constant = await fitTrees(
    inputOf({ matrix, labels: new Float64Array(100).fill(0.1) }, "regression"),
  );
  expect(constant.feature).toEqual(Int32Array.of(-1));
  expect(constant.value[0]).toBe(Math.fround(0.1));
  const none = toMatrix(["x"], [new Float64Array(100).fill(1)]);
  const labels = Float64Array.from({ length: 100 }, (_, row) => Number(row < 20));
  const fit = await boosting.fit(inputOf({ matrix: none, labels }, "binary"));
  expect(fit.bestStep).toBe(0);
  expect(scoreProbabilities(fit.model, none)[1]).toBeCloseTo(0.2, 6);
});

test("early stopping keeps the trees of the best validation loss", async () => {
  const noise = sample(200, "binary", 1);
  const random = createRandom("noise");
  const labels = noise.labels.map((label) => (random.uniform() < 0.35 ? 1 - label : label));
  const validation = sample(200, "binary", 9);
  const params = { rounds: 500, early_stopping_rounds: 5, min_samples_leaf: 2 };
  const input = inputOf({ matrix: noise.matrix, labels }, "binary", params);
  const seen: number[] = [];
  const fit = await boosting.fit({
    ...input,
    validation,
    onRound: (step) => seen.push(step.validationLoss!),
  });
  const best = Math.min(...seen);
  expect(seen.indexOf(best) + 1).toBe(fit.bestStep);
  expect(seen.length).toBe(fit.bestStep + 5);
  expect((fit.model as TreeEnsemble).treeStarts.length - 1).toBe(Math.max(1, fit.bestStep));
});

test("leaves, depth and rows of a leaf keep to their limits", async () => {
  const train = sample(1000, "regression");
  const params = { max_leaves: 12, max_depth: 4, min_samples_leaf: 30, rounds: 5 };
  const model = await fitTrees(inputOf(train, "regression", params));
  for (let tree = 0; tree + 1 < model.treeStarts.length; tree++) {
    const [start, end] = [model.treeStarts[tree]!, model.treeStarts[tree + 1]!];
    const depth = new Map([[start, 0]]);
    const rows = new Map<number, number>();
    for (let node = start; node < end; node++) {
      for (const child of [model.left[node]!, model.right[node]!]) {
        if (model.feature[node]! >= 0) depth.set(child, depth.get(node)! + 1);
      }
    }
    for (let row = 0; row < 1000; row++) {
      let node = start;
      while (model.feature[node]! >= 0) {
        const x = train.matrix.columns[model.feature[node]!]![row]!;
        const left = Number.isNaN(x) ? model.missingLeft[node] === 1 : x <= model.threshold[node]!;
        node = left ? model.left[node]! : model.right[node]!;
      }
      rows.set(node, (rows.get(node) ?? 0) + 1);
    }
    expect((end - start + 1) / 2).toBeLessThanOrEqual(12);
    expect(Math.max(...depth.values())).toBeLessThanOrEqual(4);
    expect(Math.min(...rows.values())).toBeGreaterThanOrEqual(30);
  }
});

test("an aborted signal ends training", async () => {
  const signal = AbortSignal.abort();
  const input = inputOf(sample(50, "binary"), "binary");
  await expect(boosting.fit({ ...input, signal })).rejects.toMatchObject({ code: "INTERRUPTED" });
});

test("a subset of rows scores as it does among all", async () => {
  const train = sample(700, "multiclass");
  const model = await fitTrees(inputOf(train, "multiclass"));
  const rows = [699, 3, 3, 256, 512];
  const all = scoreRaw(model, train.matrix);
  const expected = rows.flatMap((row) => [...all.subarray(row * 3, row * 3 + 3)]);
  expect([...scoreRaw(model, takeRows(train.matrix, rows))]).toEqual(expected);
});
