import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { realEffects } from "../../src/core/effects.ts";
import { runFeatures } from "../../src/pipelines/features-stage.ts";
import type { Project } from "../../src/pipelines/project.ts";
import { raw, type Sql, sql } from "../../src/table/sql.ts";
import { makeProject, VISIT_FEATURES, visits } from "./features-project.ts";

type Expected = Readonly<{ code: string; exitCode: number; message: RegExp }>;

async function expectFailure(project: Project, expected: Expected): Promise<void> {
  const failure = await runFeatures(project, realEffects).then(
    () => undefined,
    (error: unknown) => error as Expected & { message: string },
  );
  expect(failure?.message).toMatch(expected.message);
  expect(failure).toMatchObject({ code: expected.code, exitCode: expected.exitCode });
  expect(existsSync(join(project.root, "data/processed/features.record.json"))).toBe(false);
}

function withFeatures(features: Readonly<Record<string, unknown>>, data: Sql = visits(300)) {
  return makeProject({ features: { ...VISIT_FEATURES, ...features } }, { visits: data });
}

const changed = (expression: string) =>
  sql`SELECT * REPLACE (${raw(expression)}) FROM (${visits(300)})`;

test("a column that is absent is named with the nearest one", async () => {
  await expectFailure(await withFeatures({ transforms: [{ numeric: "agee" }] }), {
    code: "COLUMN_NOT_FOUND",
    exitCode: 2,
    message:
      /features\.transforms\.0: expected a column of the data, got "agee"; did you mean "age"\?/,
  });
});

test("text where numbers are wanted is shown", async () => {
  const data = changed("CASE WHEN score < 5 THEN 'n/a' ELSE score::VARCHAR END AS score");
  await expectFailure(await withFeatures({ transforms: [{ numeric: "score" }] }, data), {
    code: "COLUMN_TYPE",
    exitCode: 2,
    message: /expected numbers in column "score", got str \(such as "n\/a"\)/,
  });
});

test("a value of a sensitive column is not shown", async () => {
  const project = await makeProject(
    {
      features: {
        ...VISIT_FEATURES,
        transforms: [{ numeric: "patient_id" }],
        subject: "visit_date",
      },
      contracts: { raw: { visits: "contracts/visits.yaml" } },
    },
    { visits: visits(300) },
    {
      "contracts/visits.yaml":
        "schema_type: dataframe\ncolumns:\n  patient_id: {dtype: str, sensitivity: identifier}\n",
    },
  );
  await expectFailure(project, {
    code: "COLUMN_TYPE",
    exitCode: 2,
    message: /expected numbers in column "patient_id", got str$/,
  });
});

test("the target among the features is refused, also inside an expression", async () => {
  for (const transform of [
    { categorical: "diagnosis" },
    { sql: "CASE WHEN Diagnosis = 'yes' THEN 1 ELSE 0 END", name: "leak" },
  ]) {
    await expectFailure(await withFeatures({ transforms: [transform] }), {
      code: "TARGET_INVALID",
      exitCode: 2,
      message: /features without the target, got "diagnosis"/,
    });
  }
});

test.each([
  ["absent", { target: "diagnosys" }, visits(300), "COLUMN_NOT_FOUND", /did you mean "diagnosis"/],
  ["not named", { target: undefined }, visits(300), "TARGET_INVALID", /the column to predict/],
  ["empty", {}, changed("NULL::VARCHAR AS diagnosis"), "TARGET_INVALID", /got none in 300 rows/],
  ["of one class", {}, changed("'yes' AS diagnosis"), "TARGET_INVALID", /at least two different/],
  ["a date", { target: "visit_date" }, visits(300), "TARGET_INVALID", /got datetime64/],
] as const)("a target that is %s", async (_, features, data, code, message) => {
  await expectFailure(await withFeatures(features, data), { code, exitCode: 2, message });
});

test("a column without any value is refused when named, and dropped with a reason by auto", async () => {
  const data = changed("NULL::DOUBLE AS age, NULL::VARCHAR AS site");
  for (const transform of [{ numeric: "age" }, { categorical: "site" }]) {
    await expectFailure(await withFeatures({ transforms: [transform] }, data), {
      code: "DATA_EMPTY",
      exitCode: 2,
      message: /expected a value in the training split, got none/,
    });
  }
  const project = await withFeatures({ transforms: [{ auto: true }] }, data);
  const { record } = await runFeatures(project, realEffects);
  expect(record.view.feature_list).toEqual(["volume", "score", "family"]);
  expect(record.dropped).toEqual([
    { column: "visit_date", reason: "auto takes no datetime64[us]" },
    { column: "age", reason: "no value in the training split" },
    { column: "site", reason: "no value in the training split" },
  ]);
});

test("a join that is not many to one names the key and an example", async () => {
  const labs = sql`SELECT 'P' || (r // 2) AS patient_id, r AS tau FROM range(10) t(r)`;
  const join_ = { source: "labs", on: ["patient_id"], cardinality: "many_to_one" };
  const features = {
    ...VISIT_FEATURES,
    source: "visits",
    joins: [join_],
    transforms: [{ numeric: "tau" }],
  };
  await expectFailure(await makeProject({ features }, { visits: visits(300), labs }), {
    code: "JOIN_CARDINALITY",
    exitCode: 2,
    message:
      /at most one row of "labs" for each patient_id \(many_to_one\), got 2 for patient_id = "P0" and repeats of 5 keys/,
  });
  const masked = await makeProject(
    { features, contracts: { raw: { labs: "contracts/labs.yaml" } } },
    { visits: visits(300), labs },
    {
      "contracts/labs.yaml":
        "schema_type: dataframe\ncolumns:\n  patient_id: {dtype: str, sensitivity: identifier}\n",
    },
  );
  await expectFailure(masked, {
    code: "JOIN_CARDINALITY",
    exitCode: 2,
    message: /got 2 for patient_id = a masked value/,
  });
});

test.each([
  ["an error of grammar", "score +* 2", "BAD_INPUT", /expected an SQL expression over the row/],
  ["an unknown column", "scor * 2", "COLUMN_NOT_FOUND", /did you mean "score"/],
  ["text as a result", "site || 'x'", "COLUMN_TYPE", /of numbers or booleans, got VARCHAR/],
] as const)("an expression with %s", async (_, expression, code, message) => {
  const project = await withFeatures({ transforms: [{ sql: expression, name: "x" }] });
  await expectFailure(project, { code, exitCode: 2, message });
});

test("log of values that have none says what to write", async () => {
  const data = changed("volume - 5000 AS volume");
  await expectFailure(
    await withFeatures({ transforms: [{ numeric: "volume", log: true }] }, data),
    {
      code: "BAD_INPUT",
      exitCode: 2,
      message: /feature volume: expected values above -?0 for log, got -\d/,
    },
  );
});

test("a boolean of other numbers, and a subject that is missing", async () => {
  await expectFailure(await withFeatures({ transforms: [{ boolean: "score" }] }), {
    code: "COLUMN_TYPE",
    exitCode: 2,
    message: /expected the numbers 0 and 1/,
  });
  const data = changed("CASE WHEN score = 3 THEN NULL ELSE patient_id END AS patient_id");
  await expectFailure(await withFeatures({}, data), {
    code: "BAD_INPUT",
    exitCode: 2,
    message: /expected "patient_id" in every row, got \d+ rows without it/,
  });
});

test("no raw dataset, and one that is not Parquet", async () => {
  const project = await withFeatures({ source: "visits" });
  writeFileSync(join(project.root, "data/raw/visits.parquet"), "not parquet");
  await expectFailure(project, { code: "FILE_UNREADABLE", exitCode: 2, message: /Parquet/i });
  const none = await makeProject(
    { features: VISIT_FEATURES, sources: { other: { path: "x.csv" } } },
    {},
  );
  await expectFailure(none, {
    code: "FILE_NOT_FOUND",
    exitCode: 2,
    message: /data\/raw\/other\.parquet: expected a raw dataset, got no file/,
  });
});

test("a sensitive column cannot be a slice, whose values metrics would show", async () => {
  const project = await makeProject(
    {
      features: VISIT_FEATURES,
      contracts: { raw: { visits: "contracts/visits.yaml" } },
      model: { name: "m", slices: ["site"] },
    },
    { visits: visits(300) },
    { "contracts/visits.yaml": "columns:\n  site: {dtype: str, sensitivity: phi}\n" },
  );
  await expectFailure(project, {
    code: "CONFIG_INVALID",
    exitCode: 2,
    message: /model\.slices: expected columns that may be shown, got "site"/,
  });
});
