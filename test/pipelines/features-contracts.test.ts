import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { realEffects } from "../../src/core/effects.ts";
import { runFeatures } from "../../src/pipelines/features-stage.ts";
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
