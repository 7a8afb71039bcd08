import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { createFolder, type TestFolder } from "../reproduce/cache/test-folder.ts";
import { runIn } from "../support/run-cli.ts";

const open: TestFolder[] = [];
afterEach(() => {
  for (const folder of open.splice(0)) folder.remove();
});

const md5 = (text: string) => createHash("md5").update(text).digest("hex");
const HASHES = new Map(
  ["1", "2", "3", "side", "work", "orphan", "A", "B"].map((text) => [md5(text), text]),
);

/**
 * A history: `x` holds 1 (tagged v1), 2, 3; on the branch side it holds `side`; in the workspace `work`.
 * `d` is a folder of A and B. The remote has what the branch main records, and an orphan.
 */
async function createHistory() {
  const folder = createFolder();
  open.push(folder);
  const env = { PATH: process.env["PATH"], HOME: folder.folder };
  const cwd = folder.at("r");
  mkdirSync(cwd);
  const run = (...argv: readonly string[]) => runIn(cwd, argv, env);
  const git = (args: readonly string[], date = "2026-01-01") => {
    const at = { GIT_AUTHOR_DATE: `${date}T12:00:00`, GIT_COMMITTER_DATE: `${date}T12:00:00` };
    const who = ["-c", "user.name=A", "-c", "user.email=a@example.org"];
    execFileSync("git", [...who, ...args], { cwd, env: { ...process.env, ...env, ...at } });
  };
  const record = async (content: string, date: string) => {
    folder.write("r/x", content);
    expect((await run("add", "x")).stderr).toBe("");
    git(["add", "-A"], date);
    git(["commit", "-qm", content], date);
  };
  git(["init", "-q", "-b", "main", "."]);
  folder.write("r/.dvc/config", `[core]\n    remote = s\n['remote "s"']\n    url = ../../store\n`);
  folder.write("r/.dvc/.gitignore", "/tmp\n/cache\n");
  folder.write("r/d/a", "A");
  folder.write("r/d/b", "B");
  await run("add", "d");
  await record("1", "2026-01-01");
  git(["tag", "v1"]);
  git(["checkout", "-q", "-b", "side"]);
  await record("side", "2026-01-02");
  git(["checkout", "-q", "main"]);
  await record("2", "2026-02-01");
  await record("3", "2026-03-01");
  for (const revision of ["v1", "main~1", "main"]) {
    git(["checkout", "-q", revision]);
    await run("push");
  }
  git(["checkout", "-q", "main"]);
  folder.write("r/x", "work");
  await run("add", "x");
  const orphan = `files/md5/${md5("orphan").slice(0, 2)}/${md5("orphan").slice(2)}`;
  for (const place of [`r/.dvc/cache/${orphan}`, `store/${orphan}`]) {
    folder.write(place, "orphan");
    chmodSync(folder.at(place), 0o444);
  }
  /** What a place keeps, by content; lists of folders as their number. */
  const contents = (place: string) => {
    const root = folder.at(join(place, "files/md5"));
    const found = readdirSync(root, { recursive: true, encoding: "utf8" })
      .map((path) => path.replaceAll("/", ""))
      .filter((name) => name.length > 2);
    return found.map((name) => HASHES.get(name) ?? (name.endsWith(".dir") ? "d" : name)).sort();
  };
  return {
    ...{ folder, cwd, run, git },
    cache: () => contents("r/.dvc/cache"),
    store: () => contents("store"),
  };
}

const D = ["A", "B", "d"];
const ALL = [...D, "1", "2", "3", "orphan", "side", "work"].sort();
const STORE = [...D, "1", "2", "3", "orphan"].sort();

test("gc keeps what the revisions that are asked for record, and the workspace always", async () => {
  const p = await createHistory();
  const kept = async (...argv: readonly string[]) => {
    const { files } = JSON.parse((await p.run("gc", ...argv, "--json")).stdout);
    const gone = files.map(({ md5: hash }: { md5: string }) => HASHES.get(hash) ?? "d");
    return ALL.filter((each) => !gone.includes(each) && !D.includes(each));
  };
  expect(await kept("-w")).toEqual(["work"]);
  expect(await kept("-a")).toEqual(["3", "side", "work"]);
  expect(await kept("-T")).toEqual(["1", "work"]);
  expect(await kept("-A")).toEqual(["1", "2", "3", "side", "work"]);
  expect(await kept("--rev", "main~1")).toEqual(["2", "work"]);
  expect(await kept("--rev", "main", "-n", "2")).toEqual(["2", "3", "work"]);
  expect(await kept("-a", "-n", "2")).toEqual(["1", "2", "3", "side", "work"]);
  expect(await kept("--date", "2026-02-01")).toEqual(["2", "3", "work"]);
  expect(await kept("--date", "2026-02-02", "-T")).toEqual(["1", "3", "work"]);
  expect(p.cache()).toEqual(ALL);
  expect((await p.run("gc", "-T", "--force")).stdout).toBe("Removed 4 objects from the cache.\n");
  expect(p.cache()).toEqual([...D, "1", "work"].sort());
  expect(p.store()).toEqual(STORE);
});

test("gc --cloud cleans the remote too; what only a commit records stays where it is asked for", async () => {
  const p = await createHistory();
  const dry = JSON.parse((await p.run("gc", "-w", "--cloud", "--json")).stdout);
  expect(dry).toMatchObject({ changed: 0, dry: true });
  expect(p.store()).toEqual(STORE);
  const told = await p.run("gc", "--rev", "main", "--cloud", "--force");
  expect(told.stdout).toBe(
    "Removed 4 objects from the cache.\nRemoved 3 objects from remote 's'.\n",
  );
  expect(p.cache()).toEqual([...D, "3", "work"].sort());
  expect(p.store()).toEqual([...D, "3"].sort());
});

test("gc --not-in-remote gives up what the remote can bring back", async () => {
  const p = await createHistory();
  await p.run("gc", "-A", "--not-in-remote", "--force");
  expect(p.cache()).toEqual(["side", "work"]);
  expect(p.store()).toEqual(STORE);
  rmSync(join(p.cwd, "d"), { recursive: true });
  expect((await p.run("pull", "d")).exitCode).toBe(0);
  expect(p.cache()).toEqual([...D, "side", "work"]);
});

test("gc fetches the list of a used folder that only the remote has, and keeps its files there", async () => {
  const p = await createHistory();
  rmSync(join(p.cwd, ".dvc/cache"), { recursive: true });
  expect((await p.run("gc", "-w", "--cloud", "--force")).exitCode).toBe(0);
  expect(p.store()).toEqual(D);
  expect(p.cache()).toEqual(["d"]);
});

test("gc refuses to go on without the list of a used folder, and with --force gives its files up", async () => {
  const p = await createHistory();
  for (const place of [".dvc/cache", "../store"]) {
    for (const path of readdirSync(join(p.cwd, place), { recursive: true, encoding: "utf8" })) {
      if (path.endsWith(".dir")) rmSync(join(p.cwd, place, path));
    }
  }
  const { exitCode, stderr } = await p.run("gc", "-w", "--cloud");
  expect([exitCode, stderr]).toEqual([1, expect.stringContaining("d: expected the list of its")]);
  await p.run("gc", "-w", "--cloud", "--force");
  expect([p.cache(), p.store()]).toEqual([["work"], []]);
});

test("gc keeps what a project uses that shares the cache", async () => {
  const p = await createHistory();
  const other = join(p.folder.folder, "other");
  mkdirSync(join(other, ".dvc"), { recursive: true });
  writeFileSync(join(other, "one.dvc"), `outs:\n- md5: ${md5("1")}\n  hash: md5\n  path: one\n`);
  await p.run("gc", "-w", "--force", "--projects", "../other");
  expect(p.cache()).toEqual([...D, "1", "work"].sort());
});

test("gc does not go on past a revision that cannot be read, unless it may keep nothing of it", async () => {
  const p = await createHistory();
  writeFileSync(join(p.cwd, "dvc.yaml"), "stages: [");
  p.git(["add", "dvc.yaml"]);
  p.git(["commit", "-qm", "broken"]);
  rmSync(join(p.cwd, "dvc.yaml"));
  const refused = await p.run("gc", "-A", "--force");
  expect([refused.exitCode, p.cache()]).toEqual([2, ALL]);
  expect((await p.run("gc", "-A", "--force", "--skip-failed")).exitCode).toBe(0);
  expect(p.cache()).toEqual(ALL.filter((each) => each !== "orphan"));
});

test.each([
  [[], "expected what to keep"],
  [["-w", "-r", "s"], "gc --remote: expected --cloud or --not-in-remote beside it"],
  [["-w", "-c", "--not-in-remote"], "gc --not-in-remote: expected no --cloud beside it"],
  [["-w", "-n", "2"], "gc --num: expected --rev or --all-branches beside it"],
  [["-a", "-n", "0"], 'gc --num: expected a number from 1, got "0"'],
  [["--date", "2026-02-30"], 'gc --date: expected a day such as 2026-01-31, got "2026-02-30"'],
])("gc %j is refused", async (argv, message) => {
  const folder = createFolder();
  open.push(folder);
  const run = await runIn(folder.folder, ["gc", ...argv, "--force"], {});
  expect([run.exitCode, run.stderr]).toEqual([2, expect.stringContaining(message)]);
});
