import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { buildScenario } from "../../reproduce/compare/scenario.ts";
import { SCENARIOS } from "../../reproduce/compare/scenarios.ts";
import { pythonEnvironment } from "../python-environment.ts";

/**
 * Asks real DVC what the tests of compare expect, and keeps its replies:
 * `npx tsx test/interop/dvc/record-compare.ts [scenario…]`
 */
const { python } = await pythonEnvironment("dvc");
const target = join(import.meta.dirname, "..", "dvc-3.67.1", "compare");

const asked = process.argv.slice(2);
for (const [name, scenario] of Object.entries(SCENARIOS)) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  const folder = mkdtempSync(join(tmpdir(), "duetmind-compare-"));
  buildScenario(folder, scenario);
  const replies = scenario.commands.map((command) => {
    const { status, stdout, stderr } = spawnSync(python, ["-m", "dvc", ...command], {
      cwd: folder,
      encoding: "utf8",
      env: {
        ...process.env,
        PATH: `${dirname(python)}:${process.env["PATH"]}`,
        DVC_NO_ANALYTICS: "true",
        DVC_SITE_CACHE_DIR: join(folder, ".dvc", "tmp", "site"),
        HOME: folder,
      },
    });
    const lines = (text: string) => text.replaceAll(folder, "<root>").split("\n");
    return { command: command.join(" "), status, stdout: lines(stdout), stderr: lines(stderr) };
  });
  mkdirSync(target, { recursive: true });
  writeFileSync(join(target, `${name}.json`), `${JSON.stringify(replies, null, 1)}\n`);
  rmSync(folder, { recursive: true, force: true });
}
