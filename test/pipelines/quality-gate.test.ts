import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { realEffects } from "../../src/core/effects.ts";
import { silentProgress } from "../../src/core/progress.ts";
import { runData } from "../../src/pipelines/data-stage.ts";
import { loadProject } from "../../src/pipelines/project.ts";
import { checkQuality, qualityParams } from "../../src/pipelines/quality-gate.ts";
import { dataProject, writeIn } from "./data-project.ts";

const SOURCES = "sources: {patients: {path: in.csv}}\n";
const GOOD = "id,age,y\n1,50,0\n2,60,1\n3,70,0\n4,80,1\n";
const HOLES = "id,age,y\n1,,0\n2,,1\n3,70,0\n4,80,1\n";

const effects = { ...realEffects, progress: silentProgress };

test("a failed gate: exit 1, the limit is named, the last version and its record stay", async () => {
  const project = await dataProject(`${SOURCES}quality: {maximum_missing: 0.1}`, {
    "in.csv": GOOD,
  });
  const first = await runData(project, effects);
  const paths = ["data/raw/patients.parquet", "data/raw/data.record.json"];
  const before = paths.map((path) => readFileSync(join(project.root, path)));
  writeIn(project.root, "in.csv", HOLES);
  await expect(runData(project, effects)).rejects.toMatchObject({
    code: "QUALITY_GATE_FAILED",
    exitCode: 1,
    message:
      "data/raw/patients.parquet: expected a share of missing cells of at most 0.1, got 0.1667",
  });
  expect(paths.map((path) => readFileSync(join(project.root, path)))).toEqual(before);
  expect(first.record.datasets[0]).not.toHaveProperty("quality_gate");
});

test("the first version is not published either, and every missed limit is named", async () => {
  const gate = "quality: {minimum_score: 0.99, columns: {age: 0.4}}";
  const project = await dataProject(SOURCES + gate, { "in.csv": HOLES });
  await expect(runData(project, effects)).rejects.toThrow(
    'expected a quality score of at least 0.99, got 0.8333; expected a share of missing of "age" of at most 0.4, got 0.5',
  );
  expect(existsSync(join(project.root, "data/raw/patients.parquet"))).toBe(false);
});

test("a warning is printed and recorded; a stricter gate stops the same data later", async () => {
  const gate = "quality: {columns: {age: 0.25}, severity: warning}";
  const project = await dataProject(SOURCES + gate, { "in.csv": HOLES });
  const notes: string[] = [];
  const progress = { ...silentProgress, note: (line: string) => notes.push(line) };
  const { record } = await runData(project, { ...effects, progress });
  expect(notes).toEqual([
    'warning: data/raw/patients.parquet: expected a share of missing of "age" of at most 0.25, got 0.5',
  ]);
  expect(record.datasets[0]?.quality_gate).toEqual([
    { measure: "missing", column: "age", limit: 0.25, found: 0.5 },
  ]);
  const again = await runData(project, effects);
  expect(again).toMatchObject({ ingested: [], record });
  const set = ["quality.severity=error"];
  const strict = await loadProject(project.root, {}, effects, { set });
  await expect(runData(strict, effects)).rejects.toMatchObject({ code: "QUALITY_GATE_FAILED" });
});

test("a column that no dataset has is refused, with the nearest name", async () => {
  const project = await dataProject(`${SOURCES}quality: {columns: {aeg: 0.1}}`, { "in.csv": GOOD });
  await expect(runData(project, effects)).rejects.toMatchObject({
    code: "COLUMN_NOT_FOUND",
    details: { path: "quality.columns.aeg", hint: 'did you mean "age"?' },
  });
});

test("a limit is missed exactly when the measure lies beyond it", () => {
  const count = fc.integer({ min: 0, max: 20 });
  fc.assert(
    fc.property(count, fc.double({ min: 0, max: 1, noNaN: true }), (missing, limit) => {
      const statistics = [{ name: "a", missing }] as never;
      const quality = { missing_cells: missing, cells: 20, score: 1 - missing / 20 } as never;
      const dataset = { name: "d", row_count: 20, quality, statistics };
      const params = { maximum_missing: limit, minimum_score: 1 - limit, columns: { a: limit } };
      const found = checkQuality(qualityParams.parse(params), dataset);
      const isMissed = missing / 20 > limit;
      expect(found.filter(({ measure }) => measure === "missing")).toHaveLength(isMissed ? 2 : 0);
      const isLow = 1 - missing / 20 < 1 - limit;
      expect(found.filter(({ measure }) => measure === "score")).toHaveLength(isLow ? 1 : 0);
    }),
  );
});
