import { spawnSync } from "node:child_process";
import { delimiter, dirname, join } from "node:path";
import { pythonEnvironment } from "./python-environment.ts";

const { python } = await pythonEnvironment("dvc");
const OURS = join(import.meta.dirname, "..", "..", "bin", "duetmind.js");

type Run = Readonly<{ status: number | null; stdout: string; stderr: string }>;

const ENVIRONMENT = {
  ...process.env,
  PATH: `${dirname(python)}:${process.env["PATH"]}`,
  DVC_NO_ANALYTICS: "true",
  SHELL: "/bin/sh",
};

/** Runs real DVC in a folder and returns what it prints; throws when it fails. */
export function dvc(folder: string, ...args: readonly string[]): string {
  return checked(`dvc ${args.join(" ")}`, run(python, ["-m", "dvc", ...args], folder));
}

/** Runs the built command line in a folder and returns what it prints; throws when it fails. */
export function duetmind(folder: string, ...args: readonly string[]): string {
  return checked(`duetmind ${args.join(" ")}`, run(process.execPath, [OURS, ...args], folder));
}

/** Runs a script in DVC's own Python with its arguments; for what would take a thousand processes. */
export function dvcScript(script: string, ...args: readonly string[]): string {
  return checked(script, run(python, [script, ...args], import.meta.dirname));
}

/** Runs any command with DVC in PATH; `env` is put on top. */
export function command(
  folder: string,
  env: Readonly<Record<string, string>>,
  name: string,
  ...args: readonly string[]
): string {
  const path = [dirname(python), env["PATH"] ?? process.env["PATH"]].join(delimiter);
  return checked(`${name} ${args.join(" ")}`, run(name, args, folder, { ...env, PATH: path }));
}

function run(
  name: string,
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>> = {},
): Run {
  return spawnSync(name, args, {
    cwd,
    encoding: "utf8",
    env: { ...ENVIRONMENT, ...env },
    maxBuffer: 1 << 28,
  });
}

function checked(what: string, { status, stdout, stderr }: Run): string {
  if (status === 0) return stdout;
  throw new Error(`${what}: exit ${status}\n${stdout}${stderr}`);
}
