import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BenchCase, reportBench } from "./result.ts";

/** `make reproduce` in a clean clone (packages cached), then once more with nothing to do. */
const folder = mkdtempSync(join(tmpdir(), "duetmind-clone-"));
const clone = join(folder, "clone");
run("git", ["clone", "-q", join(import.meta.dirname, ".."), clone], folder);
const firstSeconds = run("make", ["reproduce"], clone);
const before = states(clone);
const secondSeconds = run("make", ["reproduce"], clone);
const changed = [...states(clone)].filter(([path, state]) => before.get(path) !== state);

const cases: BenchCase[] = [
  toCase("make reproduce from a clean clone, packages cached", firstSeconds, 120),
  toCase("make reproduce again", secondSeconds, 3),
  {
    case: "files changed outside .duetmind by the second run",
    ours: { files: changed.length },
    peer: { name: "none" },
    figure: changed.length,
    bar: { op: "<=", value: 0 },
  },
];
reportBench("reproduce", cases);
rmSync(folder, { recursive: true });

function toCase(name: string, seconds: number, bar: number): BenchCase {
  return {
    case: name,
    ours: { wallSeconds: seconds },
    peer: { name: "fixed limit, seconds" },
    figure: seconds,
    bar: { op: "<=", value: bar },
  };
}

/** Runs a command and returns its wall seconds. */
function run(command: string, args: readonly string[], cwd: string): number {
  const start = performance.now();
  const { status, stderr } = spawnSync(command, args, { cwd, encoding: "utf8" });
  if (status !== 0) throw new Error(`${command} ${args.join(" ")}: exit ${status}\n${stderr}`);
  return (performance.now() - start) / 1000;
}

/** Path → size and time of every file but those below .duetmind, .git and node_modules. */
function states(root: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const path of readdirSync(root, { recursive: true, encoding: "utf8" })) {
    if (/^(\.duetmind|\.git|node_modules)(\/|$)/.test(path)) continue;
    const { size, mtimeMs } = statSync(join(root, path));
    found.set(path, `${size} ${mtimeMs}`);
  }
  return found;
}
