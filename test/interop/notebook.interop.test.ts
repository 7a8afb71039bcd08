import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../support/database.ts";
import { serve } from "../support/served.ts";
import { pythonEnvironment } from "./python-environment.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const PAGE = readFileSync(join(ROOT, "docs", "from-a-notebook.md"), "utf8");

test("the blocks of docs/from-a-notebook.md run one after the other", async () => {
  const { run } = await pythonEnvironment("notebook");
  const folder = temporaryFolder();
  const duetmind = (...words: string[]) =>
    execFileSync(process.execPath, [join(ROOT, "bin", "duetmind.js"), ...words], {
      cwd: folder,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
  duetmind("init", ".", "--sample", "alzheimer");
  duetmind("reproduce");
  const server = await serve(folder);
  const blocks = [...PAGE.matchAll(/^```python\n(.*?)^```/gms)].map((match) => match[1]!);
  expect(blocks.length).toBe(5);
  const script = join(folder, "notebook.py");
  const print = 'print(f"auc {auc:.4f} predicted {len(scored.predict(patients))}")';
  writeFileSync(
    script,
    [...blocks, print].join("\n").replaceAll("http://127.0.0.1:5000", server.url),
  );
  const env = { MLFLOW_DISABLE_TELEMETRY: "true", GIT_PYTHON_REFRESH: "quiet" };
  const output = run([script], { cwd: folder, env });
  const [, auc, predicted] = /auc ([\d.]+) predicted (\d+)/.exec(output) ?? [];
  expect(Number(auc)).toBeGreaterThan(0.97); // ours: 0.989 on the same rows
  expect(predicted).toBe("5");
  const listed = JSON.parse(duetmind("models", "--json")) as { models: { name: string }[] };
  expect(listed.models.map(({ name }) => name).sort()).toEqual(["alzheimer", "sklearn-baseline"]);
  await server.stop();
});
