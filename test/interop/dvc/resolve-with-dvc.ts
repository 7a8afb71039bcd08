import { join } from "node:path";
import { pythonEnvironment } from "../python-environment.ts";
import type { ParamFile } from "./param-file-case.ts";
import type { PipelineCase } from "./pipeline-case.ts";

/** What real DVC makes of each case: `{stages, tops}`, or `{error}` with DVC's own words. */
export async function resolveWithDvc(cases: readonly PipelineCase[]): Promise<readonly Answer[]> {
  const { run } = await pythonEnvironment("dvc");
  const script = join(import.meta.dirname, "resolve.py");
  return JSON.parse(run([script], { input: JSON.stringify(cases) })) as readonly Answer[];
}

/** The typed values of each file as DVC reads it, or `{error}`. */
export async function parseWithDvc(files: readonly ParamFile[]): Promise<readonly unknown[]> {
  const { run } = await pythonEnvironment("dvc");
  const script = join(import.meta.dirname, "parse.py");
  return JSON.parse(run(["-W", "ignore", script], { input: JSON.stringify(files) })) as unknown[];
}

/** Where DVC's schema finds the first error of each content of a dvc.yaml, or null. */
export async function checkWithDvc(
  contents: readonly unknown[],
): Promise<readonly (string | null)[]> {
  const { run } = await pythonEnvironment("dvc");
  const script = join(import.meta.dirname, "schema.py");
  return JSON.parse(run([script], { input: JSON.stringify(contents) })) as (string | null)[];
}

export type Answer = Readonly<{ stages?: unknown; tops?: unknown; error?: string }>;
