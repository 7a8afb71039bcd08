import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import fc from "fast-check";
import { afterEach, expect, test, vi } from "vitest";
import { createFolderStore } from "../../src/artifacts/folder-store.ts";
import type { ObjectStore } from "../../src/artifacts/object-store.ts";
import { type Effects, realEffects } from "../../src/core/effects.ts";
import { type Digest, digestBytes, digestHex } from "../../src/core/hash.ts";

const REPOSITORY = join(import.meta.dirname, "..", "..");
const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function fresh(effects: Effects = realEffects) {
  const folder = mkdtempSync(join(tmpdir(), "duetmind-artifacts-"));
  folders.push(folder);
  const root = join(folder, "artifacts");
  return { folder, root, store: createFolderStore(root, effects) };
}

function objectPath(root: string, digest: Digest): string {
  const hex = digestHex(digest);
  return join(root, "sha256", hex.slice(0, 2), hex.slice(2));
}

async function* chunks(...parts: Uint8Array[]) {
  yield* parts;
}

async function all(store: ObjectStore) {
  const found = [];
  for await (const object of store.list()) found.push(object);
  return found;
}

test("bytes come back as they went in, from a file or a stream, under their SHA-256", async () => {
  const { folder, store } = fresh();
  const path = join(folder, "a.bin");
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 5000 }), async (bytes) => {
      writeFileSync(path, bytes);
      const fromFile = await store.put({ path });
      const fromStream = await store.put({
        stream: chunks(bytes.subarray(0, 7), bytes.subarray(7)),
      });
      expect(fromFile).toEqual({ digest: digestBytes(bytes), sizeBytes: bytes.length });
      expect(fromStream).toEqual(fromFile);
      expect(new Uint8Array(await buffer(await store.get(fromFile.digest)))).toEqual(bytes);
    }),
    { numRuns: 30 },
  );
});

test("an object larger than every buffer streams both ways", async () => {
  const { folder, store } = fresh();
  const block = Buffer.alloc(1 << 20, 7);
  async function* big() {
    for (let i = 0; i < 9; i++) yield block;
  }
  const { digest, sizeBytes } = await store.put({ stream: big() });
  expect(sizeBytes).toBe(9 << 20);
  const copy = join(folder, "deep", "copy.bin");
  await store.copyTo(digest, copy);
  expect(digestBytes(readFileSync(copy))).toBe(digest);
});

test("the user's file and the stored object do not share a fate", async () => {
  const { folder, root, store } = fresh();
  const path = join(folder, "a.txt");
  writeFileSync(path, "first");
  const { digest } = await store.put({ path });
  writeFileSync(path, "other"); // in place: the same inode
  expect((await buffer(await store.get(digest))).toString()).toBe("first");
  const copy = join(folder, "copy.txt");
  await store.copyTo(digest, copy);
  writeFileSync(copy, "mine!");
  expect((await buffer(await store.get(digest))).toString()).toBe("first");
  expect(statSync(objectPath(root, digest)).mode & 0o777).toBe(0o444);
});

test("list is sorted and skips what is not an object; has and delete agree with it", async () => {
  const { root, store } = fresh();
  expect(await all(store)).toEqual([]);
  const stored = [];
  for (const text of ["a", "b", "c"])
    stored.push(await store.put({ stream: chunks(Buffer.from(text)) }));
  const sorted = stored.toSorted((a, b) => (a.digest < b.digest ? -1 : 1));
  const prefix = digestHex(sorted[0]!.digest).slice(0, 2);
  writeFileSync(join(root, "sha256", prefix, ".killed.tmp"), "half");
  expect(await all(store)).toEqual(sorted);
  expect(await store.has(stored[0]!.digest)).toBe(true);
  expect(await store.delete(stored[0]!.digest)).toBe(true);
  expect(await store.delete(stored[0]!.digest)).toBe(false);
  expect(await store.has(stored[0]!.digest)).toBe(false);
  expect(await all(store)).toHaveLength(2);
});

test("a damaged object is named when it is read or copied, and nothing is left at the target", async () => {
  const { folder, root, store } = fresh();
  const { digest } = await store.put({ stream: chunks(Buffer.from("healthy")) });
  const object = objectPath(root, digest);
  chmodSync(object, 0o644);
  writeFileSync(object, "damaged");
  const expected = { code: "CHECKSUM_MISMATCH", message: expect.stringContaining(object) };
  await expect(store.get(digest).then(buffer)).rejects.toMatchObject(expected);
  const target = join(folder, "out", "copy.txt");
  await expect(store.copyTo(digest, target)).rejects.toMatchObject(expected);
  expect(readdirSync(join(folder, "out"))).toEqual([]);
  await store.put({ stream: chunks(Buffer.from("healthy")) });
  expect((await buffer(await store.get(digest))).toString()).toBe("healthy");
});

test("bytes that are not the expected ones are refused and not kept", async () => {
  const { folder, store } = fresh();
  const path = join(folder, "a.txt");
  writeFileSync(path, "changed");
  await expect(store.put({ path }, digestBytes("recorded"))).rejects.toMatchObject({
    code: "CHECKSUM_MISMATCH",
    message: `${path}: expected ${digestBytes("recorded")}, got ${digestBytes("changed")}`,
  });
  expect(await all(store)).toEqual([]);
});

test("a missing object, a missing file and a name that is no digest are told apart", async () => {
  const { folder, store } = fresh();
  await expect(store.get(digestBytes("never"))).rejects.toMatchObject({
    code: "NOT_FOUND",
    message: `${digestBytes("never")}: expected an object in the store, got none`,
  });
  await expect(store.put({ path: join(folder, "absent") })).rejects.toMatchObject({
    code: "FILE_NOT_FOUND",
  });
  await expect(store.get("sha256:../../etc/passwd")).rejects.toMatchObject({ code: "BAD_INPUT" });
});

test("a put that dies half way leaves no object and no temporary file", async () => {
  const { root, store } = fresh();
  async function* dying() {
    yield Buffer.from("half");
    throw new Error("the socket went away");
  }
  await expect(store.put({ stream: dying() })).rejects.toThrow("the socket went away");
  expect(await all(store)).toEqual([]);
  expect(readdirSync(join(root, "incoming"))).toEqual([]);
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
  expect(readdirSync(join(root, "incoming"))).toEqual([]);
});

test("what a killed put left behind goes a day later, not before", async () => {
  const { root, store } = fresh();
  mkdirSync(join(root, "incoming"), { recursive: true });
  const [old, young] = ["old", "young"].map((name) => join(root, "incoming", name));
  for (const path of [old!, young!]) writeFileSync(path, "half");
  const long = new Date(Date.now() - 25 * 60 * 60 * 1000);
  utimesSync(old!, long, long);
  await store.put({ stream: chunks(Buffer.from("x")) });
  expect(readdirSync(join(root, "incoming"))).toEqual(["young"]);
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
  const incoming = join(root, "incoming");
  await vi.waitUntil(() => existsSync(incoming) && readdirSync(incoming).length === 1, 30_000);
  child.kill("SIGKILL");
  expect(await ended).toEqual([null, "SIGKILL"]);
  expect(readdirSync(incoming)).toHaveLength(1);
  expect(await all(store)).toEqual([]);
});
