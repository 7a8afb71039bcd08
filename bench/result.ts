import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";

/** What runs a bench, or a process that it starts, as `npm run bench` does (`as-built.mjs`). */
export const AS_BUILT = ["--import", join(import.meta.dirname, "as-built.mjs")] as const;

/** One measured case: ours against a named peer or limit, in the same run. */
export type BenchCase = Readonly<{
  case: string;
  ours: Readonly<Record<string, number>>;
  peer: Readonly<{ name: string } & Record<string, number | string>>;
  /** Of times: both, since one of them is the figure (`compare-times.ts`). */
  ratios?: Readonly<Record<string, number | string>>;
  /** ours ÷ peer, or the rate where the bar is a rate. */
  figure: number;
  bar: Readonly<{ op: "<=" | ">="; value: number }>;
}>;

/** Prints the cases and writes `bench/results/<name>.json` with the commit they were measured at. */
export function reportBench(name: string, cases: readonly BenchCase[]): void {
  const result = {
    bench: name,
    commit: git("rev-parse", "--short", "HEAD"),
    dirty: git("status", "--porcelain", "--", "src", "bench") !== "",
    node: process.version,
    cpu: `${cpus().length} × ${cpus()[0]?.model ?? "unknown"}`,
    cases: cases.map((each) => ({ ...each, met: met(each) })),
  };
  const folder = join(import.meta.dirname, "results");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(result, null, 2)}\n`);
  printCases(cases);
}

export function printCases(cases: readonly BenchCase[]): void {
  for (const each of cases) {
    const bar = `${each.bar.op} ${each.bar.value}`;
    process.stdout.write(
      `${each.case}: ${each.figure.toFixed(3)} (bar ${bar}: ${met(each) ? "met" : "MISSED"})\n`,
    );
  }
}

function met({ figure, bar }: BenchCase): boolean {
  return bar.op === "<=" ? figure <= bar.value : figure >= bar.value;
}

function git(...args: readonly string[]): string {
  return spawnSync("git", args, {
    encoding: "utf8",
    cwd: join(import.meta.dirname, ".."),
  }).stdout.trim();
}

/** Seconds of user and system time that this process used while `work` ran, and wall seconds. */
export async function measure<T>(
  work: () => Promise<T>,
): Promise<Readonly<{ result: T; cpuSeconds: number; wallSeconds: number }>> {
  const cpu = process.cpuUsage();
  const start = performance.now();
  const result = await work();
  const { user, system } = process.cpuUsage(cpu);
  return {
    result,
    cpuSeconds: (user + system) / 1e6,
    wallSeconds: (performance.now() - start) / 1000,
  };
}
