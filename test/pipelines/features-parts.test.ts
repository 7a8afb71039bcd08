import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { realEffects } from "../../src/core/effects.ts";
import { digestFile } from "../../src/core/hash.ts";
import { runData } from "../../src/pipelines/data-stage.ts";
import { runFeatures } from "../../src/pipelines/features-stage.ts";
import { parseParams } from "../../src/pipelines/params.ts";
import type { Project } from "../../src/pipelines/project.ts";
import { dataProject, writeIn } from "./data-project.ts";

const HEAD = "id,age,site,updated,y\n";

/** Rows of one file; every third has no target. */
function csv(first: number, count: number): string {
  const rows = Array.from({ length: count }, (_, i) => {
    const id = first + i;
    const y = id % 3 === 0 ? "" : String(id % 2);
    return `${id},${40 + ((id * 37) % 50)},${"ABC"[id % 3]},2026-01-${10 + (id % 9)},${y}\n`;
  });
  return HEAD + rows.join("");
}

const SOURCES = `sources:
  patients:
    path: data/source/*.csv
    key: [id]
    types: {y: float64}
    incremental: {mode: upsert}`;

async function growing(transforms: unknown): Promise<Project> {
  const project = await dataProject(SOURCES, {
    "data/source/a.csv": csv(1, 400),
    "data/source/b.csv": csv(401, 300),
  });
  const features = { view: "f", source: "patients", subject: "id", target: "y", transforms };
  const sources = project.params.sources;
  return { ...project, params: parseParams({ sources, features, model: { name: "m" } }) };
}

const FIXED = [
  { numeric: "age", impute: { constant: 0 } },
  { categorical: "site", encode: "one_hot", categories: ["A", "B", "C"] },
];
const FITTED = [{ numeric: "age", scale: "standard" }];

function outputs(project: Project): string[] {
  const folder = join(project.root, "data/processed");
  return readdirSync(folder)
    .sort()
    .map((name) => `${name} ${digestFile(join(folder, name)).digest}`);
}

const cached = (project: Project) =>
  readdirSync(join(project.root, ".duetmind/cache/features")).length;

/** Without the cache every part is computed: the full run. */
async function expectFullRunEqual(project: Project): Promise<void> {
  const now = outputs(project);
  rmSync(join(project.root, ".duetmind/cache"), { recursive: true });
  rmSync(join(project.root, "data/processed"), { recursive: true });
  const { parts } = await runFeatures(project, realEffects);
  expect(parts!.reused).toBe(0);
  expect(outputs(project)).toEqual(now);
}

test("only a new part is computed where nothing fitted changed; the bytes are those of a full run", async () => {
  const project = await growing(FIXED);
  await runData(project, realEffects);
  expect((await runFeatures(project, realEffects)).parts).toEqual({ computed: 2, reused: 0 });
  expect((await runFeatures(project, realEffects)).parts).toEqual({ computed: 0, reused: 2 });
  writeIn(project.root, "data/source/c.csv", csv(701, 200));
  await runData(project, realEffects);
  const grown = await runFeatures(project, realEffects);
  expect(grown.parts).toEqual({ computed: 1, reused: 2 });
  expect(grown.record.rows.total).toBe(900);
  expect(cached(project)).toBe(3);
  await expectFullRunEqual(project);
});

test("a part whose rows were replaced is computed again, and so is its new row's", async () => {
  const project = await growing(FIXED);
  await runData(project, realEffects);
  await runFeatures(project, realEffects);
  writeIn(project.root, "data/source/c.csv", `${HEAD}5,99,C,2026-02-01,1\n`); // id 5 is in a.csv
  await runData(project, realEffects);
  const { parts, record } = await runFeatures(project, realEffects);
  expect(parts).toEqual({ computed: 2, reused: 1 });
  expect(record.rows.total).toBe(700);
  await expectFullRunEqual(project);
});

test("other fitted values compute every part again, and old ones are not kept", async () => {
  const project = await growing(FITTED);
  await runData(project, realEffects);
  await runFeatures(project, realEffects);
  writeIn(project.root, "data/source/c.csv", csv(701, 200)); // moves mean and deviation
  await runData(project, realEffects);
  expect((await runFeatures(project, realEffects)).parts).toEqual({ computed: 3, reused: 0 });
  expect(cached(project)).toBe(3);
  await expectFullRunEqual(project);
});

test("features of parts are those of one file with the same rows", async () => {
  const project = await growing(FIXED);
  await runData(project, realEffects);
  await runFeatures(project, realEffects);
  const digestOf = (root: string) =>
    JSON.parse(readFileSync(join(root, "data/processed/features.record.json"), "utf8")).outputs.map(
      (output: { name: string; data_digest: string }) => [output.name, output.data_digest],
    );
  const { incremental: _, ...whole } = project.params.sources["patients"]!;
  const single = { ...project, params: { ...project.params, sources: { patients: whole } } };
  const before = digestOf(project.root);
  await runData(single as Project, realEffects);
  expect((await runFeatures(single as Project, realEffects)).parts).toBeNull();
  expect(digestOf(project.root)).toEqual(before);
});
