import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { runIn } from "../support/run-cli.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "duetmind-cli-add-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const json = async (...argv: readonly string[]) =>
  JSON.parse(
    (
      await runIn(folder, [...argv, "--json"], {
        PATH: process.env["PATH"],
        SHELL: "/bin/sh",
      })
    ).stdout,
  );
const write = (path: string, text: string) => writeFileSync(join(folder, path), text);

test("data that was added and has changed is recorded by reproduce, before what needs it", async () => {
  write("x", "one\n");
  write("dvc.yaml", "stages:\n  copy:\n    cmd: cp x y\n    deps: [x]\n    outs: [y]\n");
  await json("add", "x");
  await json("reproduce");
  write("x", "two\n");
  expect(await json("status")).toEqual({
    copy: [{ "changed deps": { x: "modified" } }],
    "x.dvc": [{ "changed outs": { x: "modified" } }],
  });
  expect(await json("reproduce")).toMatchObject({
    ok: true,
    stages: [
      { stage: "x.dvc", state: "ran", why: ["outs: x modified"] },
      { stage: "copy", state: "ran", why: ["deps: x modified"] },
    ],
  });
  // as DVC 3.67.1 leaves it after dvc repro
  expect(readFileSync(join(folder, "x.dvc"), "utf8")).toBe(
    "outs:\n- md5: c193497a1a06b2c72230e6146ff47080\n  size: 4\n  hash: md5\n  path: x\n",
  );
  expect(await json("status")).toEqual({});
});
