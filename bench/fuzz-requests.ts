import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { reportBench } from "./result.ts";

/**
 * MLflow's calls under 100,000 odd requests: any fields with any values, bodies that are none, wrong
 * media types. It is the law of test/server/mlflow/odd-requests.test.ts with more cases; the figure is
 * the number of tests that failed.
 *
 *     npm run bench bench/fuzz-requests.ts
 */
const CASES = 100_000;

const { status } = spawnSync(
  "npx",
  ["vitest", "run", "--project", "unit", "--testTimeout=3600000", "odd-requests.test.ts"],
  {
    cwd: join(import.meta.dirname, ".."),
    env: { ...process.env, ODD_RUNS: String(CASES) },
    stdio: ["ignore", "ignore", "inherit"],
  },
);

reportBench("fuzz-requests", [
  {
    case: "odd requests answered with a 500",
    ours: { cases: CASES },
    peer: { name: "the law" },
    figure: status === 0 ? 0 : 1,
    bar: { op: "<=", value: 0 },
  },
]);
