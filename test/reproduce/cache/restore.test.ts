import { createHash } from "node:crypto";
import {
  chmodSync,
  existsSync,
  lstatSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { afterEach, expect, test } from "vitest";
import { systemClock } from "../../../src/core/clock.ts";
import type { LinkType } from "../../../src/reproduce/cache/link-types.ts";
import { objectPath } from "../../../src/reproduce/cache/object-cache.ts";
import { readPathState } from "../../../src/reproduce/cache/path-state.ts";
import { createObjectPlacer } from "../../../src/reproduce/cache/place-object.ts";
import { planRestore } from "../../../src/reproduce/cache/plan-restore.ts";
import { refuseUnsaved, runRestore } from "../../../src/reproduce/cache/restore.ts";
import { openStatIndex } from "../../../src/reproduce/cache/stat-index.ts";
import { storeOut } from "../../../src/reproduce/cache/store-out.ts";
import { readDvcIgnore } from "../../../src/reproduce/files/ignore.ts";
import { createFolder, type TestFolder } from "./test-folder.ts";

const open: TestFolder[] = [];
afterEach(() => {
  for (const folder of open.splice(0)) folder.remove();
});

const md5 = (content: string) => createHash("md5").update(content).digest("hex");
const TREE = { "out/a": "foo", "out/sub/b": "bar", "out/empty": "" };

/** A folder whose `out` is in its cache. */
async function setUp(
  files: Readonly<Record<string, string>>,
  types: readonly LinkType[] = ["reflink", "copy"],
) {
  const folder = createFolder(files);
  open.push(folder);
  const cache = { cacheFolder: folder.at(".dvc/cache") };
  const place = () => ({
    cacheFolder: cache.cacheFolder,
    config: {
      sections: new Map([["cache", new Map([["type", types.join(",")]])]]),
      remotes: new Map(),
    },
    ignore: readDvcIgnore(folder.folder),
    index: openStatIndex(folder.folder, systemClock),
  });
  const state = () => readPathState(folder.at("out"), place());
  const stored = await storeOut(folder.at("out"), null, place());
  expect(stored).toEqual(state());
  const plan = (relink = false) =>
    planRestore(
      {
        ...{ path: folder.at("out"), shown: "out", md5: stored.md5, kind: "md5" },
        isExecutable: stored.isExecutable,
      },
      state(),
      cache,
      relink ? types : null,
    );
  const restore = async () => {
    const planned = plan();
    await runRestore(planned, createObjectPlacer(cache, types), place().index);
    return planned;
  };
  return { folder, cache, stored, state, plan, restore, types, place };
}

test("a folder that is gone comes back whole, with the mode of files of the workspace", async () => {
  const t = await setUp(TREE);
  t.folder.write("elsewhere", "");
  rmSync(t.folder.at("out"), { recursive: true });
  expect(await t.restore()).toMatchObject({
    change: "added",
    counts: { added: 3, modified: 0, deleted: 0 },
  });
  expect(t.state()).toEqual(t.stored);
  expect(t.folder.mode("out/a")).toBe(0o666 & ~process.umask());
  expect((await t.restore()).change).toBe("unchanged");
});

test("in a folder that is there only what differs changes, and folders left empty go", async () => {
  const t = await setUp(TREE);
  const before = lstatSync(t.folder.at("out/empty")).ino;
  t.folder.write("out/a", "other");
  t.folder.write("out/deep/er/x", "more");
  const plan = t.plan();
  expect(plan).toMatchObject({ change: "modified", counts: { added: 0, modified: 1, deleted: 1 } });
  expect(plan.unsaved.toSorted()).toEqual(["out/a", "out/deep/er/x"]);
  expect(() => refuseUnsaved([plan])).toThrow(
    /out\/.*: expected a file that the cache has before it is replaced, got one and 1 more that would be lost/,
  );
  await t.restore();
  expect(t.state()).toEqual(t.stored);
  expect(existsSync(t.folder.at("out/deep"))).toBe(false);
  expect(lstatSync(t.folder.at("out/empty")).ino).toBe(before);
});

test("a file in the place of a folder is replaced, and a folder in the place of a file", async () => {
  const t = await setUp(TREE);
  rmSync(t.folder.at("out"), { recursive: true });
  t.folder.write("out", "foo");
  expect(t.plan()).toMatchObject({ change: "modified", unsaved: [] });
  await t.restore();
  expect(t.state()).toEqual(t.stored);

  const file = await setUp({ "out!": "run" });
  rmSync(file.folder.at("out"));
  file.folder.write("out/x", "y");
  expect(file.plan().unsaved).toEqual(["out/x"]);
  await file.restore();
  expect(file.state()).toEqual(file.stored);
  expect(file.folder.mode("out") & 0o100).toBe(0o100);
  chmodSync(file.folder.at("out"), 0o644);
  await file.restore();
  expect(file.folder.mode("out") & 0o100).toBe(0o100);
});

test("a damaged object is never served, though its mode says that it is whole", async () => {
  const t = await setUp(TREE);
  const path = objectPath(t.cache, md5("bar"));
  const damage = () => {
    chmodSync(path, 0o644);
    writeFileSync(path, "baz");
    chmodSync(path, 0o444);
  };
  damage();
  t.folder.write("out/a", "other");
  t.folder.write("out/sub/b", "mine");
  const before = t.state();
  await expect(t.restore()).rejects.toMatchObject({
    code: "NOT_IN_CACHE",
    message: `out/sub/b: expected its content ${md5("bar")} in the cache, got another content, which was removed`,
  });
  expect(t.state()).toEqual(before);
  expect(existsSync(path)).toBe(false);
  expect(() => t.plan()).toThrow("got no such object");
  expect(t.folder.list(".").filter((name) => name.endsWith(".tmp"))).toEqual([]);
});

test.each([["hardlink"], ["symlink"]] as const)(
  "a %s shares the object and cannot be written",
  async (type) => {
    const t = await setUp({ ...TREE }, [type]);
    // a file that is stored becomes the object itself: a hard link needs nothing more
    const change = type === "hardlink" ? "unchanged" : "relinked";
    expect(t.plan(true)).toMatchObject({ change, unsaved: [] });
    await runRestore(t.plan(true), createObjectPlacer(t.cache, t.types), t.place().index);
    expect(t.state()).toEqual(t.stored);
    const object = objectPath(t.cache, md5("foo"));
    if (type === "hardlink")
      expect(lstatSync(t.folder.at("out/a")).ino).toBe(lstatSync(object).ino);
    else expect(readlinkSync(t.folder.at("out/a"))).toBe(object);
    expect(lstatSync(object).mode & 0o777).toBe(0o444);
    expect(lstatSync(t.folder.at("out/empty")).isFile()).toBe(true);
    expect(t.plan(true).change).toBe("unchanged");
    expect(readFileSync(t.folder.at("out/sub/b"), "utf8")).toBe("bar");
  },
);

test("what a killed checkout left beside an out goes with the next one", async () => {
  const t = await setUp(TREE);
  t.folder.write(".out.0123456789ab.tmp/a", "half");
  t.folder.write("out/a", "other");
  await t.restore();
  expect(existsSync(t.folder.at(".out.0123456789ab.tmp"))).toBe(false);
  expect(t.state()).toEqual(t.stored);
});
