/**
 * Asks real DVC what it makes of random folders and files of parameters, and keeps cases and answers in
 * test/interop/dvc-3.67.1, for `make test`, which runs no Python.
 *
 *     npx tsx test/interop/dvc/record-pipelines.ts
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { paramFile } from "./param-file-case.ts";
import { pipelineCase } from "./pipeline-case.ts";
import { parseWithDvc, resolveWithDvc } from "./resolve-with-dvc.ts";

const SEED = 3671;

const cases = fc.sample(pipelineCase, { numRuns: 160, seed: SEED });
const answers = await resolveWithDvc(cases);
keep(
  "pipelines.json",
  cases.map((each, i) => ({ ...each, answer: answers[i] })),
);
const files = fc.sample(paramFile, { numRuns: 200, seed: SEED });
const values = await parseWithDvc(files);
keep(
  "param-files.json",
  files.map(([name, text], i) => ({ name, text, answer: values[i] })),
);

function keep(name: string, items: readonly unknown[]): void {
  const folder = join(import.meta.dirname, "..", "dvc-3.67.1");
  mkdirSync(folder, { recursive: true });
  const lines = items.map((item) => JSON.stringify(item));
  writeFileSync(join(folder, name), `[\n${lines.join(",\n")}\n]\n`);
}
