import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { realEffects } from "../../src/core/effects.ts";
import type { FeatureView } from "../../src/features/feature-view.ts";
import type { Predictor } from "../../src/models/predictor.ts";
import { runPredict } from "../../src/pipelines/predict-file.ts";
import { openEngine } from "../../src/table/engine.ts";
import { lit, sql } from "../../src/table/sql.ts";
import { featuresOf, scoreOf } from "../models/onnx/reference-scorer.ts";

const digest = `sha256:${"0".repeat(64)}` as const;
const column = (name: string, type: "number" | "text" | "boolean", columnType: string) => ({
  ...{ name, type, example: null },
  source: { kind: "column" as const, column: name, columnType },
});

const view: FeatureView = {
  ...{ schema_version: 1, name: "v", subject: "id", definition: {} },
  ...{ feature_hash: digest, fit_hash: digest },
  columns: [
    { name: "age", type: "int64" },
    { name: "site", type: "str" },
    { name: "smoker", type: "bool" },
    { name: "visit", type: "datetime64[ns]" },
  ],
  inputs: [
    ...[column("age", "number", "int64"), column("site", "text", "str")],
    column("smoker", "boolean", "bool"),
    {
      ...{ name: "year", type: "number" as const, example: 2024 },
      source: {
        ...{ kind: "datetime_part" as const, column: "visit", columnType: "datetime64[ns]" },
        part: "year" as const,
      },
    },
  ],
  outputs: [
    { name: "age", kind: "numeric", input: "age", steps: [{ op: "impute", value: 70 }] },
    {
      name: "site",
      kind: "lookup",
      input: "site",
      entries: [
        ["1", 3],
        ["2", -2],
      ],
      other: 0.5,
      missing: -1,
    },
    { name: "smoker", kind: "numeric", input: "smoker", steps: [{ op: "impute", value: 0 }] },
    {
      name: "year",
      kind: "numeric",
      input: "year",
      steps: [{ op: "scale", center: 2024, scale: 1 }],
    },
  ],
  target: { column: "y", type: "str", classes: ["no", "yes"] },
};

const names = view.outputs.map((output) => output.name);
const binary: Predictor = {
  ...{ name: "m", view, classes: ["no", "yes"] },
  model: {
    ...{ kind: "linear", task: "binary", featureNames: names, classCount: 2, outputCount: 1 },
    coefficients: Float64Array.of(0.01, 0.4, -0.3, 0.2),
    intercepts: Float64Array.of(-0.6),
  },
};

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "duetmind-predict-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const CSV = [
  "id,age,site,smoker,visit",
  "p1,81,1,true,2024-03-01",
  "p2,,2,false,2025-01-31",
  "p3,65,9,,2023-12-31",
  "p4,70,,true,2024-06-01",
].join("\n");

function expected(): number[] {
  const rows = [
    { age: 81, site: "1", smoker: 1, year: 2024 },
    { age: Number.NaN, site: "2", smoker: 0, year: 2025 },
    { age: 65, site: "9", smoker: Number.NaN, year: 2023 },
    { age: 70, site: "", smoker: 1, year: 2024 },
  ];
  return rows.map((row) => scoreOf(binary.model, featuresOf(view, names, row))[1]!);
}

async function predict(content: string, output: string, more: object = {}) {
  const path = join(folder, "rows.csv");
  writeFileSync(path, content);
  const request = { predictor: binary, source: { path }, output: join(folder, output), keep: [] };
  return runPredict({ ...request, ...more }, realEffects);
}

async function readBack(output: string) {
  const engine = await openEngine();
  try {
    return await engine.rows(sql`SELECT * FROM read_parquet(${lit(join(folder, output))})`);
  } finally {
    engine.close();
  }
}

test("a CSV is scored to Parquet with its place, prediction and a probability for each class", async () => {
  const summary = await predict(CSV, "out.parquet", { keep: ["id"] });
  const rows = await readBack("out.parquet");
  const yes = expected();
  expect(rows.map((row) => row["id"])).toEqual(["p1", "p2", "p3", "p4"]);
  expect(rows.map((row) => row["row_id"])).toEqual([0, 1, 2, 3]);
  rows.forEach((row, i) => {
    expect(row["probability_yes"]).toBeCloseTo(yes[i]!, 14);
    expect(row["probability_no"]).toBeCloseTo(1 - yes[i]!, 14);
    expect(row["prediction"]).toBe(yes[i]! > 0.5 ? "yes" : "no");
  });
  expect(summary).toEqual({
    rowCount: 4,
    columns: ["row_id", "id", "prediction", "probability_no", "probability_yes"],
    counts: {
      no: rows.filter((row) => row["prediction"] === "no").length,
      yes: rows.filter((row) => row["prediction"] === "yes").length,
    },
  });
});

test("CSV and NDJSON outputs hold the same numbers in full precision", async () => {
  await predict(CSV, "out.parquet");
  await predict(CSV, "out.csv");
  await predict(CSV, "out.ndjson");
  const values = (await readBack("out.parquet")).map((row) => row["probability_yes"]);
  const csv = readFileSync(join(folder, "out.csv"), "utf8").trim().split("\n");
  expect(csv[0]).toBe("row_id,prediction,probability_no,probability_yes");
  expect(csv.slice(1).map((line) => Number(line.split(",")[3]))).toEqual(values);
  const ndjson = readFileSync(join(folder, "out.ndjson"), "utf8").trim().split("\n");
  expect(ndjson.map((line) => JSON.parse(line).probability_yes)).toEqual(values);
});

test("a row more than a block of rows is scored like any other", async () => {
  const lines = Array.from(
    { length: 16_390 },
    (_, i) => `${i},${40 + (i % 50)},${1 + (i % 3)},true,2024-01-01`,
  );
  await predict(["id,age,site,smoker,visit", ...lines].join("\n"), "out.parquet");
  const rows = await readBack("out.parquet");
  expect(rows).toHaveLength(16_390);
  const last = { age: 40 + (16_389 % 50), site: String(1 + (16_389 % 3)), smoker: 1, year: 2024 };
  expect(rows.at(-1)!["probability_yes"]).toBeCloseTo(
    scoreOf(binary.model, featuresOf(view, names, last))[1]!,
    14,
  );
});

test("a regression has a number for each row", async () => {
  const regression: Predictor = {
    ...{ name: "r", view, classes: [] },
    model: {
      ...{ kind: "trees", task: "regression", featureNames: names, classCount: 1, outputCount: 1 },
      ...{ treeStarts: Int32Array.of(0, 3), feature: Int32Array.of(0, -1, -1) },
      ...{ threshold: Float32Array.of(68, 0, 0), missingLeft: Uint8Array.of(1, 0, 0) },
      ...{ left: Int32Array.of(1, 0, 0), right: Int32Array.of(2, 0, 0) },
      value: Float32Array.of(0, 1.5, 2.5),
    },
  };
  const summary = await predict(CSV, "out.parquet", { predictor: regression });
  const rows = await readBack("out.parquet");
  expect(rows.map((row) => row["prediction"])).toEqual([2.5, 2.5, 1.5, 2.5]);
  expect(summary.counts).toBeNull();
});

test("a row whose features are missing to a linear model has no prediction", async () => {
  const outputs = view.outputs.map((output) =>
    output.name === "age" ? { ...output, steps: [] } : output,
  ) as FeatureView["outputs"];
  const summary = await predict(CSV, "out.parquet", {
    predictor: { ...binary, view: { ...view, outputs } },
  });
  const rows = await readBack("out.parquet");
  expect(rows[1]).toEqual({
    ...{ row_id: 1, prediction: null, probability_no: null, probability_yes: null },
  });
  expect(summary.counts!["no"]! + summary.counts!["yes"]!).toBe(3);
});

test("the same file gives the same bytes", async () => {
  await predict(CSV, "a.parquet");
  await predict(CSV, "b.parquet");
  expect(readFileSync(join(folder, "a.parquet"))).toEqual(readFileSync(join(folder, "b.parquet")));
});

test("a column that is absent is named, with the nearest one", async () => {
  await expect(predict(CSV.replace("smoker", "smokers"), "out.csv")).rejects.toMatchObject({
    code: "COLUMN_NOT_FOUND",
    message: expect.stringMatching(
      /rows\.csv: expected a column "smoker" \(bool\) that the model was trained with, got none; did you mean "smokers"\?$/,
    ),
  });
});

test("a cell that is no number where one is needed is named with its row", async () => {
  await expect(predict(CSV.replace("65", "sixty"), "out.csv")).rejects.toMatchObject({
    code: "COLUMN_TYPE",
    message: expect.stringMatching(/rows\.csv: age: expected numbers, got "sixty" in row 2$/),
  });
  await expect(predict(CSV.replace("2025-01-31", "soon"), "out.csv")).rejects.toMatchObject({
    code: "COLUMN_TYPE",
    message: expect.stringMatching(/visit: expected dates, got "soon" in row 1$/),
  });
});

test("an output of an unknown kind, an unknown column to keep and a clash of names are refused", async () => {
  await expect(predict(CSV, "out.xlsx")).rejects.toMatchObject({ code: "USAGE" });
  await expect(predict(CSV, "out.csv", { keep: ["nobody"] })).rejects.toMatchObject({
    code: "COLUMN_NOT_FOUND",
  });
  await expect(
    predict(CSV.replace("id,", "prediction,"), "out.csv", { keep: ["prediction"] }),
  ).rejects.toMatchObject({ code: "USAGE" });
});

test("an interrupted run writes nothing", async () => {
  const path = join(folder, "rows.csv");
  writeFileSync(path, CSV);
  const request = {
    predictor: binary,
    source: { path },
    output: join(folder, "out.csv"),
    keep: [],
  };
  await expect(
    runPredict(request, { ...realEffects, signal: AbortSignal.abort() }),
  ).rejects.toMatchObject({ code: "INTERRUPTED" });
  expect(() => readFileSync(join(folder, "out.csv"))).toThrow("ENOENT");
});
