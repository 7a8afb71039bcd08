import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { expect, test, vi } from "vitest";
import { createFolderStore } from "../../src/artifacts/folder-store.ts";
import { type Effects, realEffects } from "../../src/core/effects.ts";
import { type Digest, digestBytes, digestHex } from "../../src/core/hash.ts";
import { all, chunks, objectStoreLaws, scratch } from "./object-store-laws.ts";

const REPOSITORY = join(import.meta.dirname, "..", "..");

function fresh(effects: Effects = realEffects) {
  const root = join(scratch(), "artifacts");
  return { root, store: createFolderStore(root, effects) };
}

function objectPath(root: string, digest: Digest): string {
  const hex = digestHex(digest);
  return join(root, "sha256", hex.slice(0, 2), hex.slice(2));
}

function incomingOf(root: string): string[] {
  const incoming = join(root, "incoming");
  return existsSync(incoming) ? readdirSync(incoming) : [];
}

objectStoreLaws(async () => {
  const { root, store } = fresh();
  return {
    store,
    nameOf: (digest) => objectPath(root, digest),
    async damage(digest, bytes) {
      chmodSync(objectPath(root, digest), 0o644);
      writeFileSync(objectPath(root, digest), bytes);
    },
    async litter() {
      const [{ digest } = { digest: digestBytes("") }] = await all(store);
      writeFileSync(join(dirname(objectPath(root, digest)), ".killed.tmp"), "half");
    },
    leftovers: async () => incomingOf(root),
  };
});

test("a stored object cannot be written to", async () => {
  const { root, store } = fresh();
  const { digest } = await store.put({ stream: chunks(Buffer.from("x")) });
  expect(statSync(objectPath(root, digest)).mode & 0o777).toBe(0o444);
});

test("a disk that is full at the last step leaves no object", async () => {
  const full = Object.assign(new Error("no space left"), { code: "ENOSPC" });
  const { root, store } = fresh({
    ...realEffects,
    files: { ...realEffects.files, publish: () => Promise.reject(full) },
  });
  await expect(store.put({ stream: chunks(Buffer.from("x")) })).rejects.toMatchObject({
    code: "DISK_FULL",
  });
  expect(await all(store)).toEqual([]);
  expect(incomingOf(root)).toEqual([]);
});

test("what a killed put left behind goes a day later, not before", async () => {
  const { root, store } = fresh();
  mkdirSync(join(root, "incoming"), { recursive: true });
  const [old, young] = ["old", "young"].map((name) => join(root, "incoming", name));
  for (const path of [old!, young!]) writeFileSync(path, "half");
  const long = new Date(Date.now() - 25 * 60 * 60 * 1000);
  utimesSync(old!, long, long);
  await store.put({ stream: chunks(Buffer.from("x")) });
  expect(incomingOf(root)).toEqual(["young"]);
});

test("a process that is killed in the middle of a put leaves no object", async () => {
  const { root, store } = fresh();
  const script = `
    import { createFolderStore } from "./src/artifacts/folder-store.ts";
    import { realEffects } from "./src/core/effects.ts";
    async function* endless() {
      for (;;) {
        yield Buffer.alloc(1 << 16);
        await new Promise((resolve) => setImmediate(resolve));
      }
    }
    await createFolderStore(${JSON.stringify(root)}, realEffects).put({ stream: endless() });
  `;
  const tsx = join(REPOSITORY, "node_modules/tsx/dist/loader.mjs");
  const args = ["--import", tsx, "--input-type=module", "--eval", script];
  const child = spawn(process.execPath, args, { cwd: REPOSITORY, stdio: "ignore" });
  const ended = once(child, "exit");
  await vi.waitUntil(() => incomingOf(root).length === 1, 30_000);
  child.kill("SIGKILL");
  expect(await ended).toEqual([null, "SIGKILL"]);
  expect(incomingOf(root)).toHaveLength(1);
  expect(await all(store)).toEqual([]);
});
