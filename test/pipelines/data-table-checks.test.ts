import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type Effects, realEffects } from "../../src/core/effects.ts";
import { runData } from "../../src/pipelines/data-stage.ts";
import { dataProject, writeIn } from "./data-project.ts";

const at = (time: string): Effects => ({
  ...realEffects,
  clock: { ...realEffects.clock, now: () => new Date(time) },
});

test("a dataset that grows is held to its row count as a whole", async () => {
  const project = await dataProject(
    "sources: {p: {path: 'in/*.csv', incremental: {}}}\ncontracts: {raw: {p: c.yaml}}",
    {
      "in/a.csv": "id\n1\n2\n",
      "c.yaml": "columns: {}\ntable_checks: {row_count: {min: 2, max: 3}}\n",
    },
  );
  await runData(project, realEffects);
  writeIn(project.root, "in/b.csv", "id\n3\n");
  expect((await runData(project, realEffects)).record.datasets[0]).toMatchObject({ row_count: 3 });
  writeIn(project.root, "in/c.csv", "id\n4\n");
  await expect(runData(project, realEffects)).rejects.toMatchObject({
    code: "CONTRACT_VIOLATED",
    message: expect.stringContaining("row_count(2, 3) failed 1 time (4)"),
  });
});

test("stale data is not published; the clock is the one that was passed in", async () => {
  const project = await dataProject(
    "sources: {p: {path: a.csv, types: {seen: 'datetime64[ns]'}}}\ncontracts: {raw: {p: c.yaml}}",
    {
      "a.csv": "seen\n2026-01-01\n",
      "c.yaml": "columns: {}\ntable_checks: {freshness: {column: seen, max_age: 2d}}\n",
    },
  );
  await expect(runData(project, at("2026-01-03T00:00:01Z"))).rejects.toMatchObject({
    code: "CONTRACT_VIOLATED",
    message: expect.stringContaining("seen freshness(2d) failed 1 time (2026-01-01T00:00:00)"),
  });
  expect(existsSync(join(project.root, "data/raw/p.parquet"))).toBe(false);
  const { record } = await runData(project, at("2026-01-03T00:00:00Z"));
  expect(record.datasets[0]).toMatchObject({ row_count: 1 });
});
