import { runCli } from "../../src/cli/run.ts";
import type { Environment } from "../../src/core/environment.ts";

export type CliRun = Readonly<{
  exitCode: number;
  stdout: string;
  stderr: string;
  /** The one document of `--json`; the test says of which shape. */
  json<T = unknown>(): T;
}>;

/** Runs a command line in this process, as `cli/main.ts` does, and keeps what it prints. */
export async function runIn(
  cwd: string,
  argv: readonly string[],
  env: Environment = {},
): Promise<CliRun> {
  let [stdout, stderr] = ["", ""];
  const exitCode = await runCli({
    argv,
    env,
    cwd,
    stdout: { write: (text) => (stdout += text) },
    stderr: { write: (text) => (stderr += text) },
  });
  return { exitCode, stdout, stderr, json: () => JSON.parse(stdout) };
}
