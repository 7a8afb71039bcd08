import { spawnSync } from "node:child_process";
import { join } from "node:path";

export type Used = Readonly<{
  status: number;
  cpuSeconds: number;
  wallSeconds: number;
  mebibytes: number;
  output: string;
}>;

/** What a command and all its threads used, start-up included, by the operating system's account. */
export function measureProcess(status: number, ...command: readonly string[]): Used {
  const script = join(import.meta.dirname, "measure-process.py");
  const { stdout, stderr } = spawnSync("python3", [script, ...command], { encoding: "utf8" });
  const used = JSON.parse(stdout) as Used;
  if (used.status === status) return used;
  throw new Error(`${command.join(" ")}: expected exit ${status}, got ${used.status}: ${stderr}`);
}

/** The words of a command line of ours, as installed. */
export function duetmind(...words: readonly string[]): readonly string[] {
  return [process.execPath, join(import.meta.dirname, "..", "bin", "duetmind.js"), ...words];
}

/** The run of median CPU time. */
export function medianOf(runs: readonly Used[]): Used {
  return runs.toSorted((a, b) => a.cpuSeconds - b.cpuSeconds)[runs.length >> 1]!;
}

/** The figures that a result keeps. */
export function figures({ cpuSeconds, wallSeconds, mebibytes }: Used) {
  return { cpuSeconds, wallSeconds, mebibytes };
}
