import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { digestBytes, digestHex } from "../../src/core/hash.ts";
import { cacheFolder } from "./cache-folder.ts";
import { underLock } from "./under-lock.ts";

/** A Python with one tool's packages in it. */
export type PythonEnvironment = Readonly<{
  /** The interpreter of the environment. */
  python: string;
  /** Its folder of commands, such as `bin/mlflow`. */
  bin: string;
  /** Runs a script or `-c` text with input; throws with its stderr when it fails. */
  run(args: readonly string[], options?: RunOptions): string;
}>;

export type RunOptions = Readonly<{
  input?: string;
  cwd?: string;
  env?: Readonly<Record<string, string>>;
}>;

/**
 * The virtual environment of `test/interop/<tool>/requirements.txt`, kept outside the tree under the
 * digest of that file and of the interpreter: made once, then found. It appears whole or not at all (a
 * finished one holds a marker), and of several processes that ask at once one makes it.
 */
export async function pythonEnvironment(tool: string): Promise<PythonEnvironment> {
  const requirements = readFileSync(join(import.meta.dirname, tool, "requirements.txt"), "utf8");
  const version = checked("python3", ["--version"], {}).trim();
  const digest = digestHex(digestBytes(`${version}\n${requirements}`)).slice(0, 16);
  const folder = join(cacheFolder("python"), `${tool}-${digest}`);
  const marker = join(folder, "ready");
  if (!existsSync(marker))
    await underLock(`${folder}.lock`, marker, () => build(folder, requirements));
  const bin = join(folder, "bin");
  const python = join(bin, "python");
  return { python, bin, run: (args, options = {}) => checked(python, args, options) };
}

/** A virtual environment cannot be moved, so it is built in its place and marked when it is whole. */
function build(folder: string, requirements: string): void {
  rmSync(folder, { recursive: true, force: true });
  checked("python3", ["-m", "venv", folder], {});
  const list = join(folder, "requirements.txt");
  writeFileSync(list, requirements);
  const install = ["-m", "pip", "install", "-q", "--disable-pip-version-check", "-r", list];
  checked(join(folder, "bin", "python"), install, {});
  const marker = join(folder, "ready");
  writeFileSync(`${marker}.new`, requirements);
  renameSync(`${marker}.new`, marker);
}

function checked(command: string, args: readonly string[], options: RunOptions): string {
  const { status, stdout, stderr, error } = spawnSync(command, [...args], {
    encoding: "utf8",
    maxBuffer: 1 << 28,
    ...(options.input === undefined ? {} : { input: options.input }),
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    env: { ...process.env, PYTHONDONTWRITEBYTECODE: "1", ...options.env },
  });
  if (status === 0) return stdout;
  throw new Error(`${command} ${args[0]}: expected exit 0, got ${status ?? error}: ${stderr}`);
}
