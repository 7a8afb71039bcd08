import { join } from "node:path";
import { pythonEnvironment } from "../python-environment.ts";
import type { PipelineCase } from "./pipeline-case.ts";

/** What real DVC makes of each case: `{stages, tops}`, or `{error}` with DVC's own words. */
export async function resolveWithDvc(cases: readonly PipelineCase[]): Promise<readonly Answer[]> {
  const { run } = await pythonEnvironment("dvc");
  const script = join(import.meta.dirname, "resolve.py");
  return JSON.parse(run([script], { input: JSON.stringify(cases) })) as readonly Answer[];
}

export type Answer = Readonly<{ stages?: unknown; tops?: unknown; error?: string }>;
