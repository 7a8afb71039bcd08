import fc from "fast-check";
import { expect, test } from "vitest";
import type { DuetMindError } from "../../src/core/errors.ts";
import { checkPipeline } from "../../src/reproduce/pipeline/pipeline-schema.ts";
import { parseParams } from "../../src/reproduce/values/param-values.ts";
import { readJson } from "../../src/reproduce/values/read-json.ts";
import { brokenPipeline } from "./dvc/broken-pipeline.ts";
import { describePipeline, typedValue } from "./dvc/describe-pipeline.ts";
import { paramFile } from "./dvc/param-file-case.ts";
import { pipelineCase } from "./dvc/pipeline-case.ts";
import { checkWithDvc, parseWithDvc, resolveWithDvc } from "./dvc/resolve-with-dvc.ts";

test("real DVC resolves random pipelines to the same stages, or refuses them too", async () => {
  const cases = fc.sample(pipelineCase, 600);
  const answers = await resolveWithDvc(cases);
  const resolved = answers.filter(({ error }) => error === undefined).length;
  expect(resolved).toBeGreaterThan(300);
  cases.forEach((each, i) => {
    const answer = answers[i]!;
    const ours = JSON.parse(JSON.stringify(describePipeline(each))) as typeof answer;
    const shown = JSON.stringify({ case: each, answer }, null, 1);
    if (answer.error !== undefined) expect(ours, shown).toHaveProperty("error");
    else expect(ours, shown).toEqual(answer);
  });
}, 600_000);

test("real DVC finds the same values in random files of parameters", async () => {
  const files = fc.sample(paramFile, 1000);
  const answers = await parseWithDvc(files);
  let read = 0;
  files.forEach(([name, text], i) => {
    const answer = answers[i];
    if (typeof answer === "object" && answer !== null && "error" in answer) return;
    read += 1;
    expect(JSON.parse(JSON.stringify(typedValue(parseParams(text, name)))), text).toEqual(answer);
  });
  expect(read).toBeGreaterThan(800);
}, 120_000);

/** Here DVC's schema looks away, and DVC fails later: empty commands, keys that are no texts, lists of flags. */
const LATER = /\.(?:cmd(?:\.\d+)?|(?:params|plots)\.\d+\..*)$/;

test("DVC's schema refuses the same files at the same place", async () => {
  const contents = fc.sample(brokenPipeline, 2000);
  const answers = await checkWithDvc(contents);
  contents.forEach((content, i) => {
    const text = JSON.stringify(content);
    const place = faultOf(text);
    const answer = answers[i] ?? null;
    const isLater = place !== null && LATER.test(place);
    if (isLater && (answer === null || answer.startsWith(place))) return;
    expect(place, text).toBe(answer);
  });
  expect(answers.filter((answer) => answer !== null).length).toBeGreaterThan(800);
}, 120_000);

function faultOf(text: string): string | null {
  try {
    checkPipeline(readJson(text, "dvc.yaml"), "dvc.yaml");
    return null;
  } catch (error) {
    return (error as DuetMindError).details.path ?? "";
  }
}
