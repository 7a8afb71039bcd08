import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { recordStatus } from "../dvc-status.ts";
import { STATUS_CASES } from "../dvc-status-cases.ts";
import { pythonEnvironment } from "../python-environment.ts";

/** Records the answers of DVC 3.67.1, for the tests that run without it: `npx tsx` on this file. */
const { bin } = await pythonEnvironment("dvc");
const records = STATUS_CASES.map((given) => {
  const { root, ...record } = recordStatus(given, bin);
  rmSync(root, { recursive: true });
  return record;
});
const lines = records.map((record) => JSON.stringify(record)).join("\n");
writeFileSync(join(import.meta.dirname, "status.ndjson"), `${lines}\n`);
