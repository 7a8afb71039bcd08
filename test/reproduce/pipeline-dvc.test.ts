import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { describePipeline } from "../interop/dvc/describe-pipeline.ts";
import type { PipelineCase } from "../interop/dvc/pipeline-case.ts";
import type { Answer } from "../interop/dvc/resolve-with-dvc.ts";

/** Recorded from DVC 3.67.1 by test/interop/dvc/record-pipelines.ts. */
const RECORDED = join(import.meta.dirname, "..", "interop", "dvc-3.67.1", "pipelines.json");
const cases = JSON.parse(readFileSync(RECORDED, "utf8")) as readonly (PipelineCase & {
  answer: Answer;
})[];

test("random pipelines resolve to the stages that DVC makes of them", () => {
  const resolved = cases.filter(({ answer }) => answer.error === undefined);
  expect(resolved.length).toBeGreaterThan(cases.length / 2);
  for (const { answer, ...each } of resolved) {
    expect(JSON.parse(JSON.stringify(describePipeline(each)))).toEqual(answer);
  }
});

test("what DVC refuses is refused", () => {
  for (const { answer, ...each } of cases.filter((one) => one.answer.error !== undefined)) {
    expect(describePipeline(each), answer.error).toHaveProperty("error");
  }
});
