import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { runIn } from "../support/run-cli.ts";

test("a repository inside the repository is none of its own, in commits as in the workspace", async () => {
  const folder = mkdtempSync(join(tmpdir(), "duetmind-inner-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const files = {
    ".dvc/config": "",
    "params.yaml": "lr: 1\n",
    "dvc.yaml": "stages: {a: {cmd: echo, params: [lr], outs: [o]}}\n",
    "inner/.dvc/config": "",
    "inner/params.yaml": "size: 2\n",
    "inner/dvc.yaml": "stages: {b: {cmd: echo, params: [size], outs: [o]}}\n",
  };
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  const identity = ["-c", "user.name=t", "-c", "user.email=t@example.org"];
  for (const words of [
    ["init", "-q"],
    ["add", "-A"],
    [...identity, "commit", "-qm", "one"],
  ]) {
    execFileSync("git", ["-C", folder, ...words]);
  }
  const run = (...argv: readonly string[]) => runIn(folder, argv, { PATH: process.env["PATH"] });
  expect((await run("params", "diff", "--json")).stdout.trim()).toBe("{}");
  writeFileSync(join(folder, "params.yaml"), "lr: 2\n");
  expect(JSON.parse((await run("params", "diff", "--json")).stdout)).toEqual({
    "params.yaml": { lr: { old: 1, new: 2, diff: 1 } },
  });
});
