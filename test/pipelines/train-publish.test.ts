import { spawn } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { rename } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Files, nodeFiles } from "../../src/core/files.ts";
import { publishFolder, restoreFolder } from "../../src/pipelines/train-publish.ts";

let models: string;
let folder: string;
beforeEach(() => {
  models = mkdtempSync(join(tmpdir(), "duetmind-publish-"));
  folder = join(models, "m");
});
afterEach(() => rmSync(models, { recursive: true, force: true }));

const bytes = (text: string) => new TextEncoder().encode(text);
const version = () => readFileSync(join(folder, "a.txt"), "utf8");

test("a folder takes the place of another, whole", async () => {
  await publishFolder(nodeFiles, folder, { "a.txt": bytes("1"), "deep/er/b.txt": bytes("1") });
  await publishFolder(nodeFiles, folder, { "a.txt": bytes("2"), "c.txt": bytes("2") });
  expect(version()).toBe("2");
  expect(readdirSync(folder).sort()).toEqual(["a.txt", "c.txt"]);
  expect(readdirSync(models)).toEqual(["m"]);
});

test("a write that fails leaves the old folder as it was", async () => {
  await publishFolder(nodeFiles, folder, { "a.txt": bytes("1") });
  // a name that is a file and a folder cannot be written
  await expect(
    publishFolder(nodeFiles, folder, { "a.txt": bytes("2"), "a.txt/b": bytes("2") }),
  ).rejects.toThrow();
  expect(version()).toBe("1");
  expect(readdirSync(models)).toEqual(["m"]);
});

test("a swap that fails after the old folder moved brings it back", async () => {
  await publishFolder(nodeFiles, folder, { "a.txt": bytes("1") });
  const failing: Files = {
    ...nodeFiles,
    async publish(path, write) {
      const result = await write(`${path}.tmp`);
      await rename(`${path}.tmp`, join(models, "lost", "nowhere"));
      return result;
    },
  };
  await expect(publishFolder(failing, folder, { "a.txt": bytes("2") })).rejects.toThrow("ENOENT");
  expect(version()).toBe("1");
});

test("what a killed swap left is put in order at the next start", async () => {
  mkdirSync(join(models, ".m.old"));
  writeFileSync(join(models, ".m.old", "a.txt"), "1");
  mkdirSync(join(models, ".m.0123456789ab.tmp"));
  mkdirSync(join(models, ".other.0123456789ab.tmp"));
  await restoreFolder(folder);
  expect(version()).toBe("1");
  expect(readdirSync(models).sort()).toEqual([".other.0123456789ab.tmp", "m"]);
  mkdirSync(join(models, ".m.old"));
  await restoreFolder(folder);
  expect(readdirSync(models).sort()).toEqual([".other.0123456789ab.tmp", "m"]);
});

test("a process killed at any moment leaves the old folder or the new one, never a mixture", async () => {
  const names = Array.from({ length: 40 }, (_, i) => `f${i}.txt`);
  const script = join(models, "publisher.mjs");
  const source = new URL("../../src/pipelines/train-publish.ts", import.meta.url).href;
  const filesSource = new URL("../../src/core/files.ts", import.meta.url).href;
  writeFileSync(
    script,
    `import { publishFolder } from ${JSON.stringify(source)};
     import { nodeFiles } from ${JSON.stringify(filesSource)};
     for (let n = 0; ; n++) {
       const content = Object.fromEntries(${JSON.stringify(names)}.map((name) => [name, Buffer.from(String(n))]));
       await publishFolder(nodeFiles, ${JSON.stringify(folder)}, content);
       if (n === 2) process.send("warm");
     }`,
  );
  for (const extraRounds of [0, 1, 3, 6, 10]) {
    const child = spawn(process.execPath, ["--import", "tsx", script], {
      stdio: ["ignore", "ignore", "inherit", "ipc"],
      cwd: join(import.meta.dirname, "../.."),
    });
    await new Promise((resolve) => child.once("message", resolve));
    // the moment of the kill is chosen by the child's own progress, not by a clock
    const start = Number(versionOf(folder, names[0]!));
    while (Number(versionOf(folder, names[0]!)) < start + extraRounds) await nextTurn();
    child.kill("SIGKILL");
    await new Promise((resolve) => child.once("exit", resolve));
    await restoreFolder(folder);
    expect(new Set(names.map((name) => readFileSync(join(folder, name), "utf8"))).size).toBe(1);
  }
}, 60_000);

function versionOf(where: string, name: string): string {
  const path = join(where, name);
  try {
    return existsSync(path) ? readFileSync(path, "utf8") : "-1";
  } catch {
    return "-1"; // moved aside between the two calls
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
