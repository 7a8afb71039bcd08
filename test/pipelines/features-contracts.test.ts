import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { realEffects } from "../../src/core/effects.ts";
import { contractTargets } from "../../src/pipelines/contract-targets.ts";
import { runFeatures } from "../../src/pipelines/features-stage.ts";
import { openEngine } from "../../src/table/engine.ts";
import { makeProject, VISIT_FEATURES, visits } from "./features-project.ts";

const contracts = { features: "contracts/features.yaml", labels: "contracts/labels.yaml" };
const labels =
  "schema_type: dataframe\ncolumns:\n  diagnosis: {dtype: str, checks: {isin: ['yes', 'no']}}\n";

function features(max: number): string {
  return `schema_type: dataframe\ncolumns:\n  excess: {dtype: float64, nullable: false, checks: {in_range: {min_value: 0, max_value: ${max}}}}\n`;
}

test("contracts that hold are recorded", async () => {
  const project = await makeProject(
    { features: VISIT_FEATURES, contracts },
    { visits: visits(300) },
    { "contracts/features.yaml": features(15), "contracts/labels.yaml": labels },
  );
  const { record } = await runFeatures(project, realEffects);
  expect(record.contracts.map(({ subject, path }) => [subject, path])).toEqual([
    ["features", "contracts/features.yaml"],
    ["labels", "contracts/labels.yaml"],
  ]);
});

test("a contract that does not hold publishes nothing, and the old files stay", async () => {
  const project = await makeProject(
    { features: VISIT_FEATURES, contracts },
    { visits: visits(300) },
    { "contracts/features.yaml": features(3), "contracts/labels.yaml": labels },
  );
  await expect(runFeatures(project, realEffects)).rejects.toMatchObject({
    code: "CONTRACT_VIOLATED",
    exitCode: 1,
    message: expect.stringMatching(/excess.*in_range/s),
  });
  const folder = join(project.root, "data/processed");
  expect(existsSync(folder) ? readdirSync(folder) : []).toEqual([]);
});

const ids = "split\ntrain\nvalidation\n";

test.each([
  ["features", "row_count: {max: 299}", /row_count\(0, 299\)/],
  ["labels", "unique_share: {columns: diagnosis, min: 0.5}", /diagnosis unique_share/],
  ["split", "foreign_key: {columns: split, file: ids.csv}", /foreign_key\('split', 'ids.csv'/],
  ["split", "unique_share: {columns: [split], min: 0.02}", /unique_share\('split', 0.02\)/],
])("%s is held to its checks of the table: %s", async (subject, checks, message) => {
  const path = `contracts/${subject}.yaml`;
  const project = await makeProject(
    { features: VISIT_FEATURES, contracts: { [subject]: path } },
    { visits: visits(300) },
    { [path]: `columns: {}\ntable_checks: {${checks}}\n`, "ids.csv": ids },
  );
  await expect(runFeatures(project, realEffects)).rejects.toMatchObject({
    code: "CONTRACT_VIOLATED",
    message: expect.stringMatching(message),
  });
});

test("checks of the table that hold are recorded, for the split too", async () => {
  const project = await makeProject(
    { features: VISIT_FEATURES, contracts: { split: "contracts/split.yaml" } },
    { visits: visits(300) },
    {
      "contracts/split.yaml": `strict: true\ncolumns:\n  split: {dtype: str, isin: [train, validation, test]}\n  subject_code: {}\ntable_checks: {no_subject_in_two_splits: {subject: subject_code, split: split}, row_count: {min: 300}, unique_share: {columns: split, min: 0.01}}\n`,
    },
  );
  const { record } = await runFeatures(project, realEffects);
  expect(record.contracts).toMatchObject([{ subject: "split", path: "contracts/split.yaml" }]);

  // the file has a column more: row_id, which the contract does not name and strict does not see
  const engine = await openEngine();
  try {
    const [target] = contractTargets(project);
    expect(target).toMatchObject({ name: "split", missing: undefined });
    const { columns, rowCount } = await target!.open(engine, realEffects);
    expect([columns.map(({ name }) => name), rowCount]).toEqual([["split", "subject_code"], 300]);
  } finally {
    engine.close();
  }
});
