/**
 * Asks real DVC what it makes of random folders and keeps cases and answers in
 * test/interop/dvc-3.67.1/pipelines.json, for `make test`, which runs no Python.
 *
 *     npx tsx test/interop/dvc/record-pipelines.ts
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { pipelineCase } from "./pipeline-case.ts";
import { resolveWithDvc } from "./resolve-with-dvc.ts";

const SEED = 3671;
const CASES = 160;

const cases = fc.sample(pipelineCase, { numRuns: CASES, seed: SEED });
const answers = await resolveWithDvc(cases);
const lines = cases.map((each, i) => JSON.stringify({ ...each, answer: answers[i] }));
const path = join(import.meta.dirname, "..", "dvc-3.67.1", "pipelines.json");
mkdirSync(dirname(path), { recursive: true });
writeFileSync(path, `[\n${lines.join(",\n")}\n]\n`);
