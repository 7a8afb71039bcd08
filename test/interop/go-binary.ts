import { spawnSync } from "node:child_process";
import { existsSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { cacheFolder } from "./cache-folder.ts";
import { underLock } from "./under-lock.ts";

/** A command of a Go module at a version. */
export type GoCommand = Readonly<{ name: string; package: string; version: string }>;

/** The built command, kept outside the tree by its version: built once (minutes), then found. */
export async function goBinary(command: GoCommand): Promise<string> {
  const binary = binaryPath(command);
  if (!existsSync(binary)) await underLock(`${binary}.lock`, binary, () => build(command, binary));
  return binary;
}

/** The built command, when some earlier run built it. */
export function cachedGoBinary(command: GoCommand): string | undefined {
  const binary = binaryPath(command);
  return existsSync(binary) ? binary : undefined;
}

function binaryPath({ name, version }: GoCommand): string {
  return join(cacheFolder("go"), `${name}-${version}`);
}

function build(command: GoCommand, binary: string): void {
  const folder = `${binary}.new`;
  const target = `${command.package}@${command.version}`;
  const args = ["install", "-trimpath", "-ldflags=-s -w", target];
  const env = { ...process.env, GOBIN: folder, CGO_ENABLED: "0", GOFLAGS: "-buildvcs=false" };
  const { status, stderr, error } = spawnSync("go", args, { env, encoding: "utf8" });
  if (status !== 0) throw new Error(`${target}: expected go to build it, got: ${error ?? stderr}`);
  renameSync(join(folder, command.name), binary);
  rmSync(folder, { recursive: true });
}
