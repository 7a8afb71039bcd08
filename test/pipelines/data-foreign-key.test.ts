import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { realEffects } from "../../src/core/effects.ts";
import { runData } from "../../src/pipelines/data-stage.ts";
import { inReferenceOrder } from "../../src/pipelines/reference-order.ts";
import { dataProject, writeIn } from "./data-project.ts";

const VISITS = `columns: {}
table_checks: {foreign_key: {columns: patient, dataset: patients, references: id}}
`;

// visits stand first: the order of params.yaml is not that of the references
const visitsOf = (growth = "") =>
  dataProject(
    `sources: {visits: {path: v.csv}, patients: {path: p.csv${growth}}}\ncontracts: {raw: {visits: v.yaml}}`,
    { "v.csv": "patient\n1\n2\n", "p.csv": "id\n1\n2\n", "v.yaml": VISITS },
  );

test.each([
  ["", "data/raw/patients.parquet"],
  [", incremental: {}", "data/raw/patients/manifest.json"],
])("a dataset may refer to one of the same run%s", async (growth, file) => {
  const project = await visitsOf(growth);
  const { record, ingested } = await runData(project, realEffects);
  expect(record.datasets.map(({ name }) => name)).toEqual(["visits", "patients"]);
  expect(ingested).toEqual(["visits", "patients"]);
  expect(existsSync(join(project.root, file))).toBe(true);

  // what it refers to changes under it: nothing is published, not even what is good by itself
  writeIn(project.root, "p.csv", "id\n2\n3\n");
  await expect(runData(project, realEffects)).rejects.toMatchObject({
    code: "CONTRACT_VIOLATED",
    message: expect.stringContaining(
      "patient foreign_key('patient', 'patients', 'id') failed 1 time (1 in row 0)",
    ),
  });
  writeIn(project.root, "v.csv", "patient\n3\n");
  const { record: next } = await runData(project, realEffects);
  expect(next.datasets.map(({ row_count }) => row_count)).toEqual([1, 2]);
  expect((await runData(project, realEffects)).record).toEqual(next);
});

test("a dataset may refer to itself, and one that grows is held as a whole", async () => {
  const project = await dataProject(
    "sources: {p: {path: 'in/*.csv', incremental: {}}}\ncontracts: {raw: {p: c.yaml}}",
    {
      "in/a.csv": "id,boss\n1,\n2,1\n",
      "c.yaml":
        "columns: {}\ntable_checks: {foreign_key: {columns: boss, dataset: p, references: id}}\n",
    },
  );
  await runData(project, realEffects);
  writeIn(project.root, "in/b.csv", "id,boss\n3,2\n");
  expect((await runData(project, realEffects)).record.datasets[0]).toMatchObject({ row_count: 3 });
  writeIn(project.root, "in/c.csv", "id,boss\n4,5\n");
  await expect(runData(project, realEffects)).rejects.toMatchObject({ code: "CONTRACT_VIOLATED" });
});

test("a dataset that is no source of the project is an error", async () => {
  const project = await dataProject(
    "sources: {v: {path: v.csv}, patients: {path: v.csv}}\ncontracts: {raw: {v: v.yaml}}",
    { "v.csv": "patient\n1\n", "v.yaml": VISITS.replace("dataset: patients", "dataset: patient") },
  );
  await expect(runData(project, realEffects)).rejects.toMatchObject({
    code: "BAD_INPUT",
    message: 'table_checks.foreign_key: expected a dataset of params.yaml, got "patient"',
    details: { hint: 'did you mean "patients"?' },
  });
  expect(existsSync(join(project.root, "data/raw/v.parquet"))).toBe(false);
});

test("datasets follow those that they refer to, and none refers back", () => {
  const order = (...datasets: readonly (readonly [string, ...string[]])[]) =>
    inReferenceOrder(datasets.map(([name, ...references]) => ({ name, references }))).map(
      ({ name }) => name,
    );
  expect(order(["a"], ["b"])).toEqual(["a", "b"]);
  expect(order(["a", "c"], ["b", "a", "b"], ["c", "d"], ["d"])).toEqual(["d", "c", "a", "b"]);
  expect(() => order(["x", "a"], ["a", "b"], ["b", "a"])).toThrow(
    expect.objectContaining({
      code: "CONFIG_INVALID",
      message: expect.stringContaining("got a → b → a"),
    }),
  );
});
