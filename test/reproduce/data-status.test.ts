import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { runCli } from "../../src/cli/run.ts";
import { directoryObject, hashDirectoryObject } from "../../src/reproduce/cache/directory-hash.ts";

let root = "";
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "duetmind-data-status-"));
});
afterEach(() => rmSync(root, { recursive: true }));

function write(path: string, content: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), content);
}

const md5 = (text: string) => createHash("md5").update(text).digest("hex");

function cache(hash: string, content: string): string {
  write(`.dvc/cache/files/md5/${hash.slice(0, 2)}/${hash.slice(2)}`, content);
  return hash;
}

/** What `dvc add` of a file leaves, without the file. */
function record(path: string, content: string): void {
  const hash = cache(md5(content), content);
  write(
    `${path}.dvc`,
    `outs:\n- md5: ${hash}\n  size: ${content.length}\n  hash: md5\n  path: ${path}\n`,
  );
}

function recordFolder(path: string, files: Readonly<Record<string, string>>): void {
  const entries = Object.entries(files).map(([relpath, content]) => ({
    relpath,
    md5: cache(md5(content), content),
  }));
  const object = directoryObject(entries);
  const hash = cache(hashDirectoryObject(object), object);
  write(`${path}.dvc`, `outs:\n- md5: ${hash}\n  hash: md5\n  path: ${path}\n`);
}

const git = (...args: readonly string[]) => execFileSync("git", args, { cwd: root, stdio: "pipe" });

/** The repository of which DVC 3.67.1 gave the answers below. */
function makeRepository(): void {
  write(".gitignore", "/d\n/f\n/g\n/h\n/n\n");
  write(".dvc/config", "");
  write(".dvc/.gitignore", "/config.local\n/tmp\n/cache\n");
  recordFolder("d", { a: "a\n", b: "b\n" });
  for (const name of ["f", "g", "h"]) record(name, `${name}\n`);
  git("init", "-q");
  git("add", "-A");
  git("-c", "user.name=n", "-c", "user.email=a@b", "commit", "-qm", "1");
  record("f", "x\n");
  record("n", "new\n");
  git("rm", "-q", "--cached", "h.dvc");
  rmSync(join(root, "h.dvc"));
  for (const [path, content] of Object.entries({ f: "y\n", h: "h\n", n: "new\n", u: "u\n" })) {
    write(path, content);
  }
  write("d/b", "b\n");
  write("d/c", "c\n");
}

async function dataStatus(...flags: readonly string[]): Promise<string> {
  let out = "";
  const output = { write: (text: string) => (out += text) };
  const argv = ["data", "status", ...flags];
  const env = { HOME: root, PATH: process.env["PATH"] };
  expect(await runCli({ argv, env, cwd: root, stdout: output, stderr: output })).toBe(0);
  return out;
}

/** Lists in one order: DVC's comes from the order of its sets. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return [...(value as unknown[])].sort();
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, sorted(item)]));
}

const json = async (...flags: readonly string[]) =>
  sorted(JSON.parse(await dataStatus("--json", ...flags)));

const COMMITTED = { modified: ["f"], added: ["n"], deleted: ["h"] };

test("data is compared with its records, and these with the last commit, as DVC does", async () => {
  makeRepository();
  expect(await json()).toEqual({
    committed: COMMITTED,
    uncommitted: { modified: ["d/", "f"], deleted: ["g"] },
  });
  expect(await json("--granular", "--unchanged", "--untracked-files")).toEqual({
    committed: COMMITTED,
    uncommitted: { modified: ["d/", "f"], added: ["d/c"], deleted: ["d/a", "g"] },
    untracked: ["n.dvc", "u"],
    unchanged: ["d/b"],
  });
  expect(await json("d")).toEqual({ uncommitted: { modified: ["d/"] } });
  rmSync(join(root, "d"), { recursive: true });
  expect(await json("--granular")).toEqual({
    committed: COMMITTED,
    uncommitted: { modified: ["f"], deleted: ["d/", "d/a", "d/b", "g"] },
  });
});

test("what the cache lacks is named, and files of a lost list are unknown", async () => {
  makeRepository();
  rmSync(join(root, ".dvc/cache/files"), { recursive: true });
  expect(await json()).toMatchObject({ not_in_cache: ["d/", "f", "g", "n"] });
  expect(await json("--granular")).toMatchObject({ uncommitted: { unknown: ["d/b", "d/c"] } });
});

test("the text is DVC's", async () => {
  makeRepository();
  expect(await dataStatus("n")).toBe(`DVC committed changes:
  (git commit the corresponding dvc files to update the repo)
        added: n
(there are other changes not tracked by dvc, use "git status" to see)
`);
});

// the answers are DVC 3.67.1's, for the same data, remotes and pushes
test("what the remote lacks is named, without what is not to be pushed", async () => {
  recordFolder("d", { a: "a\n", b: "b\n" });
  record("x", "x\n");
  record("y", "y\n");
  write("y.dvc", `${readFileSync(join(root, "y.dvc"), "utf8")}  push: false\n`);
  for (const [path, content] of Object.entries({
    "d/a": "a\n",
    "d/b": "b\n",
    x: "x\n",
    y: "y\n",
  })) {
    write(path, content);
  }
  expect(await json("--not-in-remote")).toEqual({ not_in_remote: ["d/", "x"] });
  const remotes = ["s", "o"].map((name) => `['remote "${name}"']\n    url = ../${name}\n`);
  write(".dvc/config", `[core]\n    remote = s\n${remotes.join("")}`);
  const key = md5("x\n");
  write(`s/files/md5/${key.slice(0, 2)}/${key.slice(2)}`, "x\n");
  expect(await json("--not-in-remote")).toEqual({ not_in_remote: ["d/"] });
  expect(await json("--not-in-remote", "--granular")).toEqual({
    not_in_remote: ["d/", "d/a", "d/b"],
  });
  expect(await json("--not-in-remote", "--granular", "d/a")).toEqual({ not_in_remote: ["d/a"] });
  expect(await json("--not-in-remote", "-r", "o")).toEqual({ not_in_remote: ["d/", "x"] });
  expect(await json("-r", "o")).toEqual({});
  expect(await dataStatus("--not-in-remote")).toBe(`Not in remote:
  (use "dvc push <file>..." to upload files)
        d/
`);
});
