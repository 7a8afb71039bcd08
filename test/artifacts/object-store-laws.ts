import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import fc from "fast-check";
import { afterEach, expect, test } from "vitest";
import type { ObjectStore } from "../../src/artifacts/object-store.ts";
import { type Digest, digestBytes } from "../../src/core/hash.ts";

/** An empty store, and the ways to harm it that only its backend knows. */
export type StoreUnderTest = Readonly<{
  store: ObjectStore;
  /** What messages call an object. */
  nameOf(digest: Digest): string;
  /** Puts other bytes in an object's place, behind the store's back. */
  damage(digest: Digest, bytes: Uint8Array): Promise<void>;
  /** Leaves something among the objects that is none. */
  litter(): Promise<void>;
  /** What unfinished writes left. */
  leftovers(): Promise<readonly string[]>;
}>;

const folders: string[] = [];

/** A folder for the files of one test. */
export function scratch(): string {
  const folder = mkdtempSync(join(tmpdir(), "duetmind-artifacts-"));
  folders.push(folder);
  return folder;
}

export async function* chunks(...parts: Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* parts;
}

export async function all(store: ObjectStore) {
  const found = [];
  for await (const object of store.list()) found.push(object);
  return found;
}

/** What every object store must do, whatever keeps its bytes. */
export function objectStoreLaws(open: () => Promise<StoreUnderTest>): void {
  afterEach(() => {
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
  });

  test("bytes come back as they went in, from a file or a stream, under their SHA-256", async () => {
    const { store } = await open();
    const path = join(scratch(), "a.bin");
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

  test("objects around every size at which a store changes its ways stream both ways", async () => {
    const { store } = await open();
    const folder = scratch();
    const mebibyte = 1 << 20;
    for (const size of [8 * mebibyte - 1, 8 * mebibyte, 8 * mebibyte + 1, 20 * mebibyte]) {
      const bytes = Buffer.alloc(size, size % 251);
      const digest = digestBytes(bytes);
      const path = join(folder, String(size));
      writeFileSync(path, bytes);
      const stream = Readable.from([bytes.subarray(0, 5), bytes.subarray(5)]);
      expect(await store.put({ stream })).toEqual({ digest, sizeBytes: size });
      await store.delete(digest);
      expect(await store.put({ path })).toEqual({ digest, sizeBytes: size });
      expect(await store.put({ path }, digest)).toEqual({ digest, sizeBytes: size });
      await store.delete(digest);
      expect(await store.put({ path }, digest)).toEqual({ digest, sizeBytes: size });
      const copy = join(folder, "deep", `copy-${size}`);
      await store.copyTo(digest, copy);
      expect(digestBytes(readFileSync(copy))).toBe(digest);
    }
  });

  test("the user's file and the stored object do not share a fate", async () => {
    const { store } = await open();
    const folder = scratch();
    const path = join(folder, "a.txt");
    writeFileSync(path, "first");
    const { digest } = await store.put({ path });
    writeFileSync(path, "other"); // in place: the same inode
    expect((await buffer(await store.get(digest))).toString()).toBe("first");
    const copy = join(folder, "copy.txt");
    await store.copyTo(digest, copy);
    writeFileSync(copy, "mine!");
    expect((await buffer(await store.get(digest))).toString()).toBe("first");
  });

  test("list is sorted and skips what is not an object; has and delete agree with it", async () => {
    const { store, litter } = await open();
    expect(await all(store)).toEqual([]);
    const stored = [];
    for (const text of ["a", "b", "c"])
      stored.push(await store.put({ stream: chunks(Buffer.from(text)) }));
    const sorted = stored.toSorted((a, b) => (a.digest < b.digest ? -1 : 1));
    await litter();
    expect(await all(store)).toEqual(sorted);
    expect(await store.has(stored[0]!.digest)).toBe(true);
    expect(await store.delete(stored[0]!.digest)).toBe(true);
    expect(await store.delete(stored[0]!.digest)).toBe(false);
    expect(await store.has(stored[0]!.digest)).toBe(false);
    expect(await all(store)).toHaveLength(2);
  });

  test.each([
    ["small", Buffer.from("healthy"), Buffer.from("damaged")],
    ["in parts", Buffer.alloc(9 << 20, 1), Buffer.alloc(9 << 20, 2)],
    ["of another length", Buffer.from("healthy"), Buffer.from("short")],
  ])(
    "a damaged object (%s) is named when it is read or copied, leaves nothing at the target, and is replaced",
    async (_, bytes, other) => {
      const { store, damage, nameOf } = await open();
      const folder = scratch();
      const path = join(folder, "a.bin");
      writeFileSync(path, bytes);
      const { digest } = await store.put({ path });
      await damage(digest, other);
      const expected = {
        code: "CHECKSUM_MISMATCH",
        message: `${nameOf(digest)}: expected ${digest}, got ${digestBytes(other)}`,
      };
      await expect(store.get(digest).then(buffer)).rejects.toMatchObject(expected);
      const target = join(folder, "out", "copy.txt");
      await expect(store.copyTo(digest, target)).rejects.toMatchObject(expected);
      expect(readdirSync(join(folder, "out"))).toEqual([]);
      await store.put({ path }, digest);
      expect(digestBytes(await buffer(await store.get(digest)))).toBe(digest);
    },
  );

  test.each([
    ["small", Buffer.from("changed")],
    ["in parts", Buffer.alloc(9 << 20, 3)],
  ])("bytes (%s) that are not the expected ones are refused and not kept", async (_, bytes) => {
    const { store, leftovers } = await open();
    const path = join(scratch(), "a.txt");
    writeFileSync(path, bytes);
    const refused = { code: "CHECKSUM_MISMATCH" };
    const recorded = digestBytes("recorded");
    await expect(store.put({ path }, recorded)).rejects.toMatchObject({
      ...refused,
      message: `${path}: expected ${recorded}, got ${digestBytes(bytes)}`,
    });
    await expect(store.put({ stream: chunks(bytes) }, recorded)).rejects.toMatchObject(refused);
    expect(await all(store)).toEqual([]);
    expect(await leftovers()).toEqual([]);
  });

  test("a missing object, a missing file, a folder and a name that is no digest are told apart", async () => {
    const { store } = await open();
    const folder = scratch();
    const never = digestBytes("never");
    const missing = {
      code: "NOT_FOUND",
      message: `${never}: expected an object in the store, got none`,
    };
    await expect(store.get(never)).rejects.toMatchObject(missing);
    await expect(store.copyTo(never, join(folder, "x"))).rejects.toMatchObject(missing);
    await expect(store.put({ path: join(folder, "absent") })).rejects.toMatchObject({
      code: "FILE_NOT_FOUND",
    });
    await expect(store.put({ path: folder })).rejects.toMatchObject({ code: "FILE_UNREADABLE" });
    await expect(store.get("sha256:../../etc/passwd")).rejects.toMatchObject({ code: "BAD_INPUT" });
  });

  test.each([
    ["short", 1],
    ["long", 12],
  ])(
    "a put (%s) that dies half way leaves no object and no temporary file",
    async (_, megabytes) => {
      const { store, leftovers } = await open();
      async function* dying() {
        for (let i = 0; i < megabytes; i++) yield Buffer.alloc(1 << 20);
        throw new Error("the socket went away");
      }
      await expect(store.put({ stream: dying() })).rejects.toThrow("the socket went away");
      expect(await all(store)).toEqual([]);
      expect(await leftovers()).toEqual([]);
    },
  );

  test.each([
    ["small", Buffer.from("the same")],
    ["in one request", Buffer.alloc(8 << 20, 6)],
    ["in parts", Buffer.alloc(9 << 20, 4)],
  ])("of sixteen writers of one object (%s) all succeed and it is there once", async (_, bytes) => {
    const { store, leftovers } = await open();
    const path = join(scratch(), "same.bin");
    writeFileSync(path, bytes);
    const stored = { digest: digestBytes(bytes), sizeBytes: bytes.length };
    const writers = Array.from({ length: 16 }, (_, i) =>
      i % 2 === 0 ? store.put({ path }, stored.digest) : store.put({ stream: chunks(bytes) }),
    );
    expect(await Promise.all(writers)).toEqual(Array(16).fill(stored));
    expect(await all(store)).toEqual([stored]);
    expect(digestBytes(await buffer(await store.get(stored.digest)))).toBe(stored.digest);
    expect(await leftovers()).toEqual([]);
  });

  test("a range is that slice of the bytes, wherever it lies", async () => {
    const { store } = await open();
    const bytes = Buffer.from(Array.from({ length: 3 << 20 }, (_, i) => (i * 7 + (i >> 8)) % 251));
    const { digest } = await store.put({ stream: chunks(bytes) });
    const place = fc.nat({ max: bytes.length - 1 });
    await fc.assert(
      fc.asyncProperty(place, place, async (a, b) => {
        const range = { start: Math.min(a, b), end: Math.max(a, b) };
        const read = await buffer(await store.get(digest, range));
        expect(read.equals(bytes.subarray(range.start, range.end + 1))).toBe(true);
      }),
      { numRuns: 20 },
    );
    const one = await store.get(digest, { start: 0, end: 0 });
    expect(await buffer(one)).toEqual(bytes.subarray(0, 1));
  });

  test("a range that a damaged object is too short for is refused", async () => {
    const { store, damage, nameOf } = await open();
    const { digest } = await store.put({ stream: chunks(Buffer.from("0123456789")) });
    await damage(digest, Buffer.from("0123"));
    await expect(store.get(digest, { start: 2, end: 7 })).rejects.toMatchObject({
      code: "CHECKSUM_MISMATCH",
      message: `${nameOf(digest)}: expected at least 8 bytes, got 4`,
    });
    const missing = { code: "NOT_FOUND" };
    const range = { start: 0, end: 1 };
    await expect(store.get(digestBytes("never"), range)).rejects.toMatchObject(missing);
  });

  test("the last bytes of a damaged object do not come, so no reader who counts takes them for whole", async () => {
    const { store, damage } = await open();
    for (const size of [10, 3 << 20]) {
      const { digest } = await store.put({ stream: chunks(Buffer.alloc(size, 1)) });
      await damage(digest, Buffer.alloc(size, 2));
      let got = 0;
      const reading = (async () => {
        for await (const chunk of await store.get(digest)) got += (chunk as Buffer).length;
      })();
      await expect(reading).rejects.toMatchObject({ code: "CHECKSUM_MISMATCH" });
      expect(got).toBeLessThan(size);
    }
  });

  test("a reader that leaves early harms nobody", async () => {
    const { store } = await open();
    const { digest } = await store.put({ stream: chunks(Buffer.alloc(9 << 20, 5)) });
    for await (const _ of await store.get(digest)) break;
    expect(digestBytes(await buffer(await store.get(digest)))).toBe(digest);
  });
}
