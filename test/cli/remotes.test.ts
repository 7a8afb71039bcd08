import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { runIn } from "../support/run-cli.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "duetmind-cli-remotes-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const run = (...argv: readonly string[]) =>
  runIn(folder, argv, { PATH: process.env["PATH"], SHELL: "/bin/sh" });
const json = async (...argv: readonly string[]) =>
  JSON.parse((await run(...argv, "--json")).stdout);
const remove = (...paths: readonly string[]) => {
  for (const path of paths) rmSync(join(folder, path), { recursive: true, force: true });
};
const md5 = (text: string) => createHash("md5").update(text).digest("hex");

async function reproduced(): Promise<void> {
  writeFileSync(
    join(folder, "dvc.yaml"),
    "stages: {a: {cmd: mkdir d && echo x > d/x && echo y > d/y, outs: [d]}, b: {cmd: echo z > z, outs: [z]}}",
  );
  expect((await run("reproduce")).exitCode).toBe(0);
}

test("what was reproduced is pushed, forgotten and pulled; nothing runs again", async () => {
  await reproduced();
  expect((await run("push")).exitCode).toBe(2);
  expect((await run("remote", "add", "-d", "store", "store")).stdout).toBe(
    "Setting 'store' as a default remote.\n",
  );
  expect(await json("status", "-c")).toEqual({ d: "new", "d/x": "new", "d/y": "new", z: "new" });
  const pushed = await json("push");
  expect(pushed).toMatchObject({ changed: 2, transferred: 4 });
  expect(pushed.files).toEqual([
    { path: "d", md5: expect.stringMatching(/\.dir$/), size: 4, nfiles: 2 },
    { path: "z", md5: md5("z\n"), size: 2, nfiles: null },
  ]);
  expect((await run("status", "-c")).stdout).toBe("Cache and remote 'store' are in sync.\n");
  expect(await json("push")).toMatchObject({ changed: 0, transferred: 0 });
  remove(".dvc/cache/files", "d", "z");
  // status fetches the list of the folder, which only the remote has: three objects are left to pull
  expect((await run("status", "-c", "-q")).exitCode).toBe(1);
  expect((await run("status", "-c", "d/x")).stdout).toBe("\tdeleted:            d/x\n");
  expect((await run("pull")).stdout).toBe(
    "A       d/\nA       z\n3 files fetched and 3 files added\n",
  );
  expect(readFileSync(join(folder, "d/x"), "utf8")).toBe("x\n");
  expect((await run("pull")).stdout).toBe("Everything is up to date.\n");
  expect(await json("reproduce")).toMatchObject({
    stages: [{ state: "unchanged" }, { state: "unchanged" }],
  });
});

test("a missing object: exit 1, one document that names it, everything else is there", async () => {
  await reproduced();
  await run("remote", "add", "-d", "store", "store");
  await run("push");
  const hex = md5("x\n");
  remove(".dvc/cache/files", "d", "z", `store/files/md5/${hex.slice(0, 2)}/${hex.slice(2)}`);
  const { exitCode, stdout } = await run("pull", "--json");
  expect(exitCode).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject({
    changed: 2,
    transferred: 3,
    error: { code: "TRANSFER_INCOMPLETE", file: "d/x", issues: [{ path: "d/x", expected: hex }] },
  });
  expect(readFileSync(join(folder, "z"), "utf8")).toBe("z\n");
  expect((await run("fetch")).exitCode).toBe(1);
  expect((await run("pull", "--allow-missing")).exitCode).toBe(0);
});

test("options that say nothing without -c, and jobs that are no number, are refused", async () => {
  await reproduced();
  expect((await run("status", "--all-tags")).stderr).toContain(
    "status --all-tags: expected --cloud",
  );
  expect((await run("push", "-j", "many")).stderr).toContain("--jobs: expected a number from 1");
  expect((await run("push", "--all-commits")).stderr).toContain("expected a repository of git");
});

test("reproduce --pull brings what is recorded and not there, and runs the rest", async () => {
  await reproduced();
  await run("remote", "add", "-d", "store", "store");
  await run("push");
  remove(".dvc/cache/files", "d", "z");
  remove(`store/files/md5/${md5("z\n").slice(0, 2)}/${md5("z\n").slice(2)}`);
  await json("reproduce", "--pull", "--dry");
  expect(existsSync(join(folder, "d"))).toBe(false);
  expect(await json("reproduce", "--pull")).toMatchObject({
    ok: true,
    stages: [
      { stage: "a", state: "unchanged" },
      { stage: "b", state: "ran" },
    ],
  });
  expect(readFileSync(join(folder, "z"), "utf8")).toBe("z\n");
});

test("reproduce --pull TARGET brings only what the target needs, and nothing that is made anew", async () => {
  writeFileSync(join(folder, "in"), "1");
  writeFileSync(
    join(folder, "dvc.yaml"),
    `stages:
  a: {cmd: cat in > a, deps: [in], outs: [a]}
  b: {cmd: cat a > b, deps: [a], outs: [b]}
  c: {cmd: echo c > c, outs: [c]}
`,
  );
  await run("reproduce");
  await run("remote", "add", "-d", "store", "store");
  await run("push");
  remove(".dvc/cache", "a", "b", "c");
  const states = async (...argv: readonly string[]) =>
    (await json("reproduce", ...argv)).stages.map(
      ({ stage, state }: Record<string, string>) => `${stage} ${state}`,
    );
  expect(await states("--pull", "--single-item", "b")).toEqual(["b unchanged"]);
  expect(["a", "b", "c"].map((name) => existsSync(join(folder, name)))).toEqual([
    true,
    true,
    false,
  ]);
  remove(".dvc/cache", "a", "b");
  writeFileSync(join(folder, "in"), "2");
  expect(await states("--pull", "a")).toEqual(["a ran"]);
  expect(existsSync(join(folder, ".dvc/cache/files/md5/c4/ca4238a0b923820dcc509a6f75849b"))).toBe(
    false,
  );
});
