import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { realEffects } from "../../src/core/effects.ts";
import { runFeatures } from "../../src/pipelines/features-stage.ts";
import { writeCohort } from "../../src/sample/write-cohort.ts";
import { scratchFolder } from "../table/scratch.ts";
import { makeProject, VISIT_FEATURES, visits } from "./features-project.ts";

const interrupted = { ...realEffects, signal: AbortSignal.abort() };

test("Ctrl-C in the features stage is INTERRUPTED, not a bug", async () => {
  const project = await makeProject({ features: VISIT_FEATURES }, { visits: visits(300) });
  await expect(runFeatures(project, interrupted)).rejects.toMatchObject({ code: "INTERRUPTED" });
});

test("Ctrl-C while a sample is written is INTERRUPTED, and leaves no file", async () => {
  const path = join(scratchFolder(), "x.csv");
  const options = {
    seed: 1,
    preset: "default",
    period: { firstDay: 18_000, lastDay: 18_100 },
    siteShift: 0,
    assayShift: 0,
    labelShift: 0,
  } as const;
  await expect(writeCohort(path, 100, options, interrupted)).rejects.toMatchObject({
    code: "INTERRUPTED",
  });
  expect(existsSync(path)).toBe(false);
});

test("no code ends work with a bare AbortError, which a person would read as a bug", () => {
  const source = new URL("../../src/", import.meta.url).pathname;
  const files = readdirSync(source, { recursive: true, encoding: "utf8" }).filter((name) =>
    name.endsWith(".ts"),
  );
  expect(
    files.filter((name) => readFileSync(join(source, name), "utf8").includes("throwIfAborted")),
  ).toEqual([]);
});
