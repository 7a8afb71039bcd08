import { createHash } from "node:crypto";
import { cpSync, readFileSync, rmSync, statSync } from "node:fs";
import { afterAll, expect, test } from "vitest";
import { createFolder, type TestFolder } from "../reproduce/cache/test-folder.ts";
import { runIn } from "../support/run-cli.ts";
import { runWithFault } from "../support/run-with-fault.ts";

/**
 * Commands that move data are killed, and meet a full disk, at each change of the disk that they would
 * make. Nothing of what the person has may be lost, no object may be there in part, and the same command
 * once more must leave what a run without the fault leaves.
 */
const ENV = { PATH: process.env["PATH"], HOME: "/nonexistent" };

const open: TestFolder[] = [];
afterAll(() => {
  for (const folder of open) folder.remove();
});

function newFolder(): TestFolder {
  const folder = createFolder();
  open.push(folder);
  return folder;
}

const LARGE = "large ".repeat(200_000); // in more than one block
const FILES = { "r/d/a": "a\n", "r/d/s/b": "b\n", "r/large": LARGE };
const CONFIG = "[core]\n    remote = store\n['remote \"store\"']\n    url = ../../store\n";

type Case = Readonly<{
  argv: readonly string[];
  /** Commands that come before, of which the last ones may take away what they made. */
  before(folder: TestFolder, run: (...argv: readonly string[]) => Promise<unknown>): Promise<void>;
}>;

const remove = (folder: TestFolder, ...paths: readonly string[]) => {
  for (const path of paths) rmSync(folder.at(path), { recursive: true });
};

const CASES: Readonly<Record<string, Case>> = {
  add: { argv: ["add", "d", "large"], before: async () => {} },
  commit: {
    argv: ["commit"],
    before: async (_folder, run) => {
      await run("add", "--no-commit", "d", "large");
    },
  },
  checkout: {
    argv: ["checkout"],
    before: async (folder, run) => {
      folder.write("r/d/a", "another\n");
      await run("add", "d"); // so that this content is not lost
      folder.write("r/d/a", "a\n");
      await run("add", "d", "large");
      folder.write("r/d/a", "another\n");
      remove(folder, "r/d/s", "r/large");
    },
  },
  push: {
    argv: ["push"],
    before: async (_folder, run) => {
      await run("add", "d", "large");
    },
  },
  pull: {
    argv: ["pull"],
    before: async (folder, run) => {
      await run("add", "d", "large");
      await run("push");
      remove(folder, "r/.dvc/cache", "r/d", "r/large");
    },
  },
  gc: {
    argv: ["gc", "--workspace", "--cloud", "--force"],
    before: async (folder, run) => {
      await run("add", "d", "large");
      await run("push");
      folder.write("r/d/a", "another\n");
      await run("add", "d");
      await run("push");
    },
  },
};

async function prepare({ before }: Case): Promise<TestFolder> {
  const folder = newFolder();
  for (const [path, content] of Object.entries(FILES)) folder.write(path, content);
  folder.write("r/.dvc/config", CONFIG);
  await before(folder, async (...argv) => {
    const { exitCode, stderr } = await runIn(folder.at("r"), argv, ENV);
    expect(exitCode, stderr).toBe(0);
  });
  return folder;
}

const md5 = (content: Buffer) => createHash("md5").update(content).digest("hex");
const OBJECT = /files\/md5\/([0-9a-f]{2})\/([0-9a-f]{30})(?:\.dir)?$/;
/** What DVC keeps for itself, and half-written files that the next gc takes. */
const OWN = /^r\/\.(?:dvc\/tmp|duetmind)\/|^(?:r\/\.dvc\/cache|store)\/.*\.[0-9a-f]{16}\.tmp$/;

/** Path → hash of every file of the workspace, the cache and the remote. */
function contents(folder: TestFolder): Readonly<Record<string, string>> {
  const paths = folder.list().filter((path) => !OWN.test(path));
  return Object.fromEntries(paths.map((path) => [path, md5(readFileSync(folder.at(path)))]));
}

function expectWholeObjects(folder: TestFolder): void {
  for (const path of folder.list()) {
    const [, prefix, rest] = OBJECT.exec(path) ?? [];
    if (prefix === undefined || (statSync(folder.at(path)).mode & 0o777) !== 0o444) continue;
    expect(md5(readFileSync(folder.at(path)))).toBe(prefix + rest!.replace(/\.dir$/, ""));
  }
}

/** Everything that a person had is in the workspace, the cache or the remote, but for what gc takes. */
function expectNothingLost(before: TestFolder, after: TestFolder): void {
  const left = new Set(Object.values(contents(after)));
  for (const [path, hash] of Object.entries(contents(before))) {
    const isData = /^r\/(?:d\/|large$)/.test(path);
    if (isData) expect(left, `${path} is lost`).toContain(hash);
  }
}

for (const [name, each] of Object.entries(CASES)) {
  for (const fault of ["kill", "full"] as const) {
    test(`${name}: ${fault === "kill" ? "kill -9" : "a full disk"} at any change of the disk`, async () => {
      const start = await prepare(each);
      const copy = () => {
        const folder = newFolder();
        cpSync(start.folder, folder.folder, { recursive: true });
        return folder;
      };
      const whole = copy();
      expect((await runIn(whole.at("r"), each.argv, ENV)).exitCode).toBe(0);
      const expected = contents(whole);
      let faults = 0;
      for (let at = 1; ; at++) {
        const folder = copy();
        const { status, signal, stdout, isReached } = runWithFault(
          folder.at("r"),
          each.argv,
          fault,
          at,
        );
        expectWholeObjects(folder);
        expectNothingLost(start, folder);
        if (status === 0) {
          expect(contents(folder)).toEqual(expected);
        } else if (fault === "full") {
          expect([status, JSON.parse(stdout).error.code]).toEqual([3, "DISK_FULL"]);
        } else expect(signal).toBe("SIGKILL");
        const { exitCode, stderr } = await runIn(folder.at("r"), each.argv, ENV);
        expect(exitCode, stderr).toBe(0);
        expect(contents(folder)).toEqual(expected);
        folder.remove();
        if (!isReached) break;
        faults += 1;
      }
      expect(faults).toBeGreaterThan(1);
    }, 240_000);
  }
}
