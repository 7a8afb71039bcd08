import { spawnSync } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { recordStatus } from "./dvc-status.ts";
import { STATUS_CASES } from "./dvc-status-cases.ts";
import { pythonEnvironment } from "./python-environment.ts";

/** Real DVC 3.67.1 makes each repository, and then both are asked. */
const { bin } = await pythonEnvironment("dvc");
const DUETMIND = join(import.meta.dirname, "..", "..", "bin", "duetmind.js");

test.each(STATUS_CASES)("$name: the same words from both", (given) => {
  const { root, folder, args, json } = recordStatus(given, bin);
  try {
    const cwd = join(root, folder);
    const run = (...flags: readonly string[]) =>
      spawnSync(process.execPath, [DUETMIND, "status", ...flags, ...args], {
        cwd,
        encoding: "utf8",
      });
    expect(run("-q").status).toBe(JSON.stringify(json) === "{}" ? 0 : 1);
    expect(JSON.parse(run("--json").stdout)).toEqual(json);
  } finally {
    rmSync(root, { recursive: true });
  }
});
