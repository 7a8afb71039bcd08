import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { commandUsage } from "./command-usage.ts";
import { reportBench } from "./result.ts";

/**
 * The example of three million flights, stage by stage as a user runs it: ingest with its contract, the
 * contract alone, features, a hundred trees, registration. Each in a process of its own. Bar: a peak RSS
 * below 3 GB; the rate of each stage stands beside it.
 *
 *     npm run build && npm run bench bench/flights.ts
 */
const ROWS = 3_000_000;
const STAGES = [["data"], ["validate"], ["features"], ["train"], ["register"]];
const REPOSITORY = join(import.meta.dirname, "..");

const folder = mkdtempSync(join(tmpdir(), "duetmind-bench-"));
try {
  const root = join(folder, "examples/flights");
  mkdirSync(join(folder, "examples"));
  symlinkSync(join(REPOSITORY, "node_modules"), join(folder, "node_modules"));
  cpSync(join(REPOSITORY, "examples/flights"), root, {
    recursive: true,
    filter: (path) => !/(\.duetmind|[/\\]data|[/\\]models)$/.test(path),
  });
  const cases = STAGES.map((words) => {
    // registration is a stage of its own here
    const { wallSeconds, cpuSeconds, rssMb } = commandUsage(root, words, {
      DUETMIND_DEFER_REGISTRATION: "1",
    });
    return {
      case: `duetmind ${words.join(" ")}, ${ROWS} flights: peak RSS in MB`,
      ours: {
        rss_mb: rssMb,
        wall_seconds: wallSeconds,
        cpu_seconds: cpuSeconds,
        rows_per_second: ROWS / wallSeconds,
        rows_per_cpu_second: ROWS / cpuSeconds,
      },
      peer: { name: "the limit", mb: 3072 },
      figure: rssMb,
      bar: { op: "<=" as const, value: 3072 },
    };
  });
  reportBench("flights", cases);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
