import { createHash } from "node:crypto";
import { appendFileSync, chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { afterEach, expect, test } from "vitest";
import { DuetMindError } from "../../../src/core/errors.ts";
import {
  directoryObject,
  hashDirectoryObject,
} from "../../../src/reproduce/cache/directory-hash.ts";
import { DEFAULT_LINK_TYPES, parseLinkTypes } from "../../../src/reproduce/cache/link-types.ts";
import {
  hasObject,
  objectPath,
  parseDirectoryObject,
  readDirectoryObject,
} from "../../../src/reproduce/cache/object-cache.ts";
import { createObjectStore } from "../../../src/reproduce/cache/object-store.ts";
import { createFolder, type TestFolder } from "./test-folder.ts";

const open: TestFolder[] = [];
afterEach(() => {
  for (const folder of open.splice(0)) folder.remove();
});

function setUp(files: Readonly<Record<string, string | Uint8Array>>) {
  const folder = createFolder(files);
  open.push(folder);
  const cache = { cacheFolder: folder.at("cache") };
  return { folder, cache, store: createObjectStore(cache, DEFAULT_LINK_TYPES) };
}

const md5 = (content: string | Uint8Array) => createHash("md5").update(content).digest("hex");

test("an object is named for its md5, has the mode of a whole one and leaves nothing beside it", async () => {
  const large = new Uint8Array(9_000_000).map((_, i) => (i * 31 + (i >> 8)) & 255);
  const { folder, cache, store } = setUp({ a: "foo", "b!": "foo", empty: "", large });
  for (const [name, content] of Object.entries({ a: "foo", b: "foo", empty: "", large })) {
    expect((await store.storeFile(folder.at(name), null)).md5).toBe(md5(content));
    expect(readFileSync(objectPath(cache, md5(content))).equals(Buffer.from(content))).toBe(true);
  }
  expect(folder.list("cache")).toEqual(
    ["foo", "", large]
      .map((content) => objectPath(cache, md5(content)).slice(folder.at("cache/").length))
      .sort(),
  );
  for (const path of folder.list("cache")) expect(folder.mode(`cache/${path}`)).toBe(0o444);
  expect([folder.mode("a"), folder.mode("b")]).toEqual([0o644, 0o755]);
});

test("an object of another mode is hashed: right it gets the mode, wrong it goes and is made again", async () => {
  const { folder, cache, store } = setUp({ a: "foo" });
  await store.storeFile(folder.at("a"), null);
  const path = objectPath(cache, md5("foo"));
  chmodSync(path, 0o644);
  expect(hasObject(cache, md5("foo"))).toBe(true);
  expect(folder.mode(path.slice(folder.folder.length))).toBe(0o444);
  chmodSync(path, 0o644);
  writeFileSync(path, "fo");
  expect(hasObject(cache, md5("foo"))).toBe(false);
  expect(existsSync(path)).toBe(false);
  writeFileSync(path, "half");
  await store.storeFile(folder.at("a"), md5("foo"));
  expect(readFileSync(path, "utf8")).toBe("foo");
});

test("a file that is not what it was known as is refused, and no object gets the wrong name", async () => {
  const { folder, cache, store } = setUp({ a: "bar" });
  await expect(store.storeFile(folder.at("a"), md5("foo"))).rejects.toMatchObject({
    code: "CONFLICT",
    message: expect.stringContaining("expected data that stays as it is while it is stored"),
  });
  expect(hasObject(cache, md5("foo"))).toBe(false);
});

test("a large file that grows while it is stored is refused", async () => {
  const { folder, store } = setUp({ a: new Uint8Array(64 << 20) });
  const storing = store.storeFile(folder.at("a"), null);
  const timer = setInterval(() => appendFileSync(folder.at("a"), "x"), 1);
  await expect(storing).rejects.toMatchObject({ code: "CONFLICT" });
  clearInterval(timer);
  expect(folder.list("cache")).toEqual([]);
});

test("stores that work on one cache at once make every object once and whole", async () => {
  const names = Array.from({ length: 200 }, (_, i) => `f${i}`);
  const { folder, cache } = setUp(
    Object.fromEntries(names.map((name, i) => [name, `content ${i % 50}`])),
  );
  const stores = [1, 2, 3].map(() => createObjectStore(cache, DEFAULT_LINK_TYPES));
  await Promise.all(
    stores.flatMap((store) => names.map((name) => store.storeFile(folder.at(name), null))),
  );
  const objects = folder.list("cache");
  expect(objects).toHaveLength(50);
  for (const path of objects) {
    expect(md5(readFileSync(folder.at(`cache/${path}`)))).toBe(
      path.replace("files/md5/", "").replace("/", ""),
    );
  }
});

test("what is not there, and a cache that cannot be written, are named", async () => {
  const { folder, store } = setUp({ a: "foo", cache: "a file" });
  await expect(store.storeFile(folder.at("nothing"), null)).rejects.toMatchObject({
    code: "FILE_NOT_FOUND",
  });
  const failed = store.storeFile(folder.at("a"), null);
  await expect(failed).rejects.toBeInstanceOf(DuetMindError);
  await expect(failed).rejects.toMatchObject({ code: "NOT_WRITABLE" });
});

test("a directory object is read back; a changed one, and one that leads out, count as none", async () => {
  const { folder, cache, store } = setUp({});
  const entries = [
    { relpath: "ﬁ", md5: md5("a") },
    { relpath: "sub/😀", md5: md5("b") },
  ];
  const object = directoryObject(entries);
  const name = hashDirectoryObject(object);
  store.storeDirectory(name, object);
  expect(readDirectoryObject(cache, name)).toEqual(entries.toReversed());
  chmodSync(objectPath(cache, name), 0o644);
  writeFileSync(objectPath(cache, name), object.replace("sub", "bus"));
  expect(readDirectoryObject(cache, name)).toBeNull();
  expect(folder.list("cache")).toEqual([]);
  for (const relpath of ["../x", "/x", "a//b", "a/./b", ""]) {
    expect(parseDirectoryObject(JSON.stringify([{ md5: md5("a"), relpath }]))).toBeNull();
  }
  expect(parseDirectoryObject('{"md5": 1}')).toBeNull();
  expect(parseDirectoryObject("[")).toBeNull();
});

test("cache.type names link types in their order, and nothing else", () => {
  expect(parseLinkTypes("hardlink,  Symlink")).toEqual(["hardlink", "symlink"]);
  expect(parseLinkTypes(undefined)).toEqual(["reflink", "copy"]);
  expect(() => parseLinkTypes("hard")).toThrow(
    'cache.type: expected reflink, hardlink, symlink, copy, got "hard"',
  );
});
