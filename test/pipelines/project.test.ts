import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { realEffects } from "../../src/core/effects.ts";
import type { DuetMindError } from "../../src/core/errors.ts";
import { effectiveSettings, loadProject } from "../../src/pipelines/project.ts";
import { scratchFolder } from "../table/scratch.ts";

const VALID =
  "sources: {patients: {path: patients.csv}}\nfeatures: {target: y}\nmodel: {name: m}\n";

function folderWith(params: string, env?: string): string {
  const folder = scratchFolder();
  writeFileSync(join(folder, "params.yaml"), params);
  if (env !== undefined) writeFileSync(join(folder, ".env"), env);
  return folder;
}

async function failure(params: string, set: string[] = []): Promise<DuetMindError> {
  try {
    await loadProject(folderWith(params), {}, realEffects, { set });
  } catch (error) {
    return error as DuetMindError;
  }
  throw new Error("expected a failure");
}

test("defaults < params.yaml < .env < environment < flags, and each value knows its origin", async () => {
  const folder = folderWith(
    `${VALID}database: {pool_size: 2, statement_timeout_ms: 5}\n`,
    "DUETMIND_DATABASE__POOL_SIZE=3\nDUETMIND_TRACKING__EXPERIMENT=from-file\n",
  );
  const env = { DUETMIND_TRACKING__EXPERIMENT: "from-environment" };
  const project = await loadProject(folder, env, realEffects, { set: ["split.seed=7"] });
  const settings = new Map(effectiveSettings(project).map((s) => [s.path, [s.value, s.origin]]));
  expect(settings.get("split.train")).toEqual([0.7, "default"]);
  expect(settings.get("database.statement_timeout_ms")).toEqual([5, "params.yaml"]);
  expect(settings.get("database.pool_size")).toEqual([3, ".env"]);
  expect(settings.get("tracking.experiment")).toEqual(["from-environment", "environment"]);
  expect(settings.get("split.seed")).toEqual([7, "flag --set"]);
});

test("a secret of .env reaches the project, and the environment wins over it", async () => {
  const folder = folderWith(VALID, "DATABASE_URL=postgres://a\nDUETMIND_ACTOR=file\n");
  const project = await loadProject(folder, { DUETMIND_ACTOR: "process" }, realEffects);
  expect(project.env).toMatchObject({ DATABASE_URL: "postgres://a", DUETMIND_ACTOR: "process" });
});

test("a misspelt key names the nearest known one", async () => {
  const error = await failure(`${VALID}thresholds: {acuracy: 0.9}\n`);
  expect(error).toMatchObject({ code: "CONFIG_INVALID", exitCode: 2 });
  expect(error.message).toBe(
    'params.yaml: thresholds: expected a known key, got "acuracy"; did you mean "accuracy"?',
  );
  expect(error.details).toMatchObject({ path: "thresholds.acuracy", file: "params.yaml" });
});

test("a threshold that is not a number says so", async () => {
  const error = await failure(`${VALID}thresholds: {accuracy: high}\n`);
  expect(error.message).toBe('params.yaml: thresholds.accuracy: expected a number, got "high"');
});

test("a misspelt section, a wrong flag and broken YAML each name their place", async () => {
  expect((await failure(`${VALID}modle: {}\n`)).message).toContain('did you mean "model"?');
  expect((await failure(VALID, ["split.seeed=7"])).message).toContain('did you mean "seed"?');
  expect((await failure(VALID, ["split"])).message).toContain("expected section.key=value");
  const broken = await failure("sources: [\n");
  expect(broken.message).toMatch(/^params\.yaml:\d+:\d+: expected valid YAML/);
  expect((await failure("- a\n")).code).toBe("CONFIG_INVALID");
});

test("fractions of the split that do not add up are refused", async () => {
  const error = await failure(`${VALID}split: {train: 0.9}\n`);
  expect(error.message).toContain("expected train + validation + test to be 1");
});

test("another version than the one that wrote params.yaml warns before anything is written", async () => {
  const lines: string[] = [];
  const progress = { ...realEffects.progress, note: (line: string) => lines.push(line) };
  const effects = { ...realEffects, progress };
  await loadProject(folderWith(`duetmind: 0.0.9\n${VALID}`), {}, effects);
  await loadProject(folderWith(VALID), {}, effects);
  expect(lines).toEqual([
    expect.stringMatching(/^warning: this is DuetMind .*, params.yaml was written by 0\.0\.9; /),
  ]);
});
