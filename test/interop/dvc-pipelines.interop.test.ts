import fc from "fast-check";
import { expect, test } from "vitest";
import { describePipeline } from "./dvc/describe-pipeline.ts";
import { pipelineCase } from "./dvc/pipeline-case.ts";
import { resolveWithDvc } from "./dvc/resolve-with-dvc.ts";

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
