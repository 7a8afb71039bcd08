import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { AS_BUILT } from "./result.ts";

/** Runs every bench, one process each. */
const NOT_BENCHES = new Set([
  "all.ts",
  "boosting-table.ts",
  "command-usage.ts",
  "compare-times.ts",
  "contract-checks.ts",
  "contract-data.ts",
  "http-load.ts",
  "ingest-csv.ts",
  "measure-process.ts",
  "pipelines-repository.ts",
  "process-tree.ts",
  "result.ts",
  "tracking-scale-runs.ts",
  "tracking-servers.ts",
]);
for (const name of readdirSync(import.meta.dirname)
  .filter((n) => n.endsWith(".ts"))
  .sort()) {
  if (NOT_BENCHES.has(name)) continue;
  process.stdout.write(`== ${name}\n`);
  const { status } = spawnSync(process.execPath, [...AS_BUILT, join(import.meta.dirname, name)], {
    stdio: "inherit",
  });
  if (status !== 0) process.exitCode = 1;
}
