import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

export type Usage = Readonly<{ wallSeconds: number; cpuSeconds: number; rssMb: number }>;

const BIN = join(import.meta.dirname, "../bin/duetmind.js");
/** Writes what a process used when it ends. */
const PROBE = `data:text/javascript,${encodeURIComponent(`
  import { writeFileSync } from "node:fs";
  process.on("exit", () => writeFileSync(process.env.BENCH_USAGE, JSON.stringify(process.resourceUsage())));
`)}`;

/** Runs a built `duetmind` command in a process of its own, so that its peak RSS is its own. */
export function commandUsage(
  root: string,
  words: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Usage {
  const usageFile = join(root, "usage.json");
  const start = performance.now();
  const { status, stderr } = spawnSync(process.execPath, ["--import", PROBE, BIN, ...words], {
    cwd: root,
    encoding: "utf8",
    env: { ...process.env, ...env, BENCH_USAGE: usageFile },
  });
  const wallSeconds = (performance.now() - start) / 1000;
  if (status !== 0) throw new Error(`duetmind ${words.join(" ")} ended with ${status}: ${stderr}`);
  const usage = JSON.parse(readFileSync(usageFile, "utf8")) as NodeJS.ResourceUsage;
  const cpuSeconds = (usage.userCPUTime + usage.systemCPUTime) / 1e6;
  return { wallSeconds, cpuSeconds, rssMb: usage.maxRSS / 1024 };
}
