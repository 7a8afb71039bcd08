import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const BIN = join(import.meta.dirname, "..", "..", "bin", "duetmind.js");
const FAULT_AT = pathToFileURL(join(import.meta.dirname, "fault-at.mjs")).href;

/** Runs the built command with --json until its nth change of the disk, which does not happen: fault-at.mjs. */
export function runWithFault(
  folder: string,
  argv: readonly string[],
  fault: "kill" | "full",
  at: number,
) {
  const { status, signal, stdout, stderr } = spawnSync(
    process.execPath,
    ["--import", FAULT_AT, BIN, ...argv, "--json", "--quiet"],
    {
      cwd: folder,
      encoding: "utf8",
      env: { PATH: process.env["PATH"], HOME: "/nonexistent", FAULT: fault, FAULT_AT: String(at) },
    },
  );
  return { status, signal, stdout, isReached: !stderr.includes("fault not reached") };
}
