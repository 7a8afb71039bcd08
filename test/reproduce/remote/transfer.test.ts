import { chmodSync, existsSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { afterEach, expect, test } from "vitest";
import { realEffects } from "../../../src/core/effects.ts";
import { parseDvcFile } from "../../../src/reproduce/files/dvc-file.ts";
import { openLockFiles } from "../../../src/reproduce/files/lock-file.ts";
import { collectStages } from "../../../src/reproduce/pipeline/collect.ts";
import { dvcFileStage } from "../../../src/reproduce/pipeline/stage.ts";
import { cloudStatus } from "../../../src/reproduce/remote/cloud-status.ts";
import { pull } from "../../../src/reproduce/remote/pull-outs.ts";
import {
  fetch,
  push,
  type TransferOptions,
  wantedOuts,
} from "../../../src/reproduce/remote/transfer.ts";
import {
  createRemoteProject,
  md5,
  OPTIONS,
  objectOf,
  type RemoteProject,
} from "./remote-project.ts";

const FOO_BAR = "files/md5/5e/a40360f5b4ec688df672a4db9c17d1.dir"; // dvc.md: foo `foo`, bar `bar`

const open: RemoteProject[] = [];
afterEach(() => {
  for (const { folder } of open.splice(0)) folder.remove();
});

async function setUp(outs: Parameters<typeof createRemoteProject>[0], config = "") {
  const project = await createRemoteProject(outs, config);
  open.push(project);
  const { folder } = project;
  const run = <T>(
    work: (repository: RemoteProject["repository"], options: TransferOptions) => Promise<T>,
    options: Partial<TransferOptions> = {},
  ) => project.reopen().then((repository) => work(repository, { ...OPTIONS, ...options }));
  return {
    folder,
    reopen: project.reopen,
    push: (options = {}) => run(async (r, o) => push(r, await views(r), o, realEffects), options),
    fetch: (options = {}) => run(async (r, o) => fetch(r, await views(r), o, realEffects), options),
    pull: (options = {}) =>
      run(async (r, o) => pull(r, await views(r), { ...o, force: false }, realEffects), options),
    status: () =>
      run(async (r, o) => {
        const outs = wantedOuts(await views(r), r, o, true, realEffects);
        return Object.fromEntries(await cloudStatus(outs, r, o, realEffects));
      }),
    store: () => (existsSync(folder.at("store")) ? folder.list("store") : []),
    cache: () => folder.list("r/.dvc/cache"),
    remove: (path: string) => rmSync(folder.at(path), { recursive: true, force: true }),
    damage(path: string) {
      chmodSync(folder.at(path), 0o644);
      writeFileSync(folder.at(path), "damaged");
      chmodSync(folder.at(path), 0o444);
    },
  };
}

async function views(repository: RemoteProject["repository"]) {
  return [{ stages: await collectStages(repository, realEffects), locks: openLockFiles() }];
}

const told = (report: Awaited<ReturnType<typeof push>>) =>
  report.failures.map(({ object, got }) => `${object.shown}: ${got}`);

test("a push writes DVC's layout, read-only, and a second one sends nothing", async () => {
  const p = await setUp({ data: { foo: "foo", bar: "bar" }, same: "foo", "é 1": "x" });
  const first = await p.push();
  expect([first.transferred, first.changed.size, first.failures]).toEqual([4, 3, []]);
  expect(p.store()).toEqual([FOO_BAR, ...["foo", "bar", "x"].map(objectOf)].sort());
  expect(p.store()).toEqual(p.cache());
  for (const path of p.store()) {
    expect(p.folder.mode(`store/${path}`)).toBe(0o444);
    expect(readFileSync(p.folder.at(`store/${path}`))).toEqual(
      readFileSync(p.folder.at(`r/.dvc/cache/${path}`)),
    );
  }
  const second = await p.push();
  expect([second.transferred, second.changed.size]).toEqual([0, 0]);
});

test("a pull brings back what was pushed; the content is what it was", async () => {
  const p = await setUp({ data: { foo: "foo", "sub/bar": "bar" }, baz: "baz" });
  await p.push();
  for (const path of ["r/.dvc/cache", "r/data", "r/baz"]) p.remove(path);
  const { transferred, failures, restored } = await p.pull();
  expect([transferred, failures]).toEqual([4, []]);
  expect(restored.map(({ shown, change }) => `${change} ${shown}`).sort()).toEqual([
    "added baz",
    "added data",
  ]);
  expect(readFileSync(p.folder.at("r/data/sub/bar"), "utf8")).toBe("bar");
  for (const path of p.cache()) expect(p.folder.mode(`r/.dvc/cache/${path}`)).toBe(0o444);
  expect((await p.pull()).changed.size).toBe(0);
});

test("a folder of which a file is missing on both sides is told, and its list is not pushed", async () => {
  const p = await setUp({ data: { foo: "foo", bar: "bar" }, baz: "baz" });
  p.remove(`r/.dvc/cache/${objectOf("foo")}`);
  const report = await p.push();
  expect(told(report)).toEqual(["data/foo: neither the cache nor the remote having it"]);
  expect(p.store()).toEqual(["bar", "baz"].map(objectOf).sort());
  p.folder.write(`store/${objectOf("foo")}`, "foo"); // somebody else pushes it
  expect((await p.push()).failures).toEqual([]);
  expect(p.store()).toContain(FOO_BAR);
});

test("a damaged object of the cache is never sent", async () => {
  const p = await setUp({ data: { foo: "foo", bar: "bar" } });
  p.damage(`r/.dvc/cache/${objectOf("foo")}`);
  expect(told(await p.push())).toEqual([
    "data/foo: a damaged object in the cache, which was removed",
  ]);
  expect(p.store()).toEqual([objectOf("bar")]);
  expect(p.cache()).not.toContain(objectOf("foo"));
});

test("an object that was cut off in the remote is sent again", async () => {
  const p = await setUp({ baz: "baz" });
  await p.push();
  p.remove(`store/${objectOf("baz")}`);
  p.folder.write(`store/${objectOf("baz")}`, "ba");
  expect((await p.push()).transferred).toBe(1);
  expect(readFileSync(p.folder.at(`store/${objectOf("baz")}`), "utf8")).toBe("baz");
});

test("a remote that lacks a file of a folder: the rest is fetched, the out stays as it was", async () => {
  const p = await setUp({ data: { foo: "foo", bar: "bar" }, baz: "baz" });
  await p.push();
  p.remove(`store/${objectOf("foo")}`);
  p.remove("r/.dvc/cache");
  p.remove("r/baz");
  const report = await p.pull();
  expect(told(report)).toEqual(['data/foo: no such object in the cache or remote "store"']);
  expect(p.cache()).toEqual([FOO_BAR, ...["bar", "baz"].map(objectOf)].sort());
  expect(readFileSync(p.folder.at("r/data/foo"), "utf8")).toBe("foo");
  expect(readFileSync(p.folder.at("r/baz"), "utf8")).toBe("baz");
});

test("a damaged object in the remote is refused and leaves nothing in the cache", async () => {
  const p = await setUp({ data: { foo: "foo", bar: "bar" } });
  await p.push();
  p.damage(`store/${objectOf("foo")}`);
  p.remove("r/.dvc/cache");
  expect(told(await p.fetch())).toEqual(['data/foo: a damaged object in remote "store"']);
  expect(p.cache()).toEqual([FOO_BAR, objectOf("bar")].sort());
});

test("a damaged list of a folder in the remote is refused too", async () => {
  const p = await setUp({ data: { foo: "foo" } });
  await p.push();
  const list = p.store().find((path) => path.endsWith(".dir"))!;
  p.damage(`store/${list}`);
  p.remove("r/.dvc/cache");
  expect(told(await p.fetch())).toEqual(['data: a damaged object in remote "store"']);
  expect(p.cache()).toEqual([]);
});

test("a path inside a folder is pushed and pulled alone, the list only with all of its files", async () => {
  const p = await setUp({ data: { "a/x": "ax", "b/y": "by" } });
  expect((await p.push({ targets: ["data/a"] })).transferred).toBe(1);
  expect(p.store()).toEqual([objectOf("ax")]);
  await p.push();
  p.remove("r/.dvc/cache");
  p.remove("r/data");
  await p.pull({ targets: ["data/b"] });
  expect(p.folder.list("r/data")).toEqual(["b/y"]);
});

test("status of the cloud names what is new, deleted and missing, file by file", async () => {
  const p = await setUp({ data: { foo: "foo", bar: "bar" }, baz: "baz" });
  expect(await p.status()).toEqual({
    data: "new",
    "data/foo": "new",
    "data/bar": "new",
    baz: "new",
  });
  await p.push();
  expect(await p.status()).toEqual({});
  p.remove("r/.dvc/cache");
  p.remove(`store/${objectOf("baz")}`);
  expect(await p.status()).toEqual({
    "data/foo": "deleted",
    "data/bar": "deleted",
    baz: "missing",
  });
});

test("an out says its remote, and that it is not to be pushed", async () => {
  const p = await setUp({ a: "a", b: "b", c: "c" }, `['remote "other"']\n    url = ../../other\n`);
  for (const [name, line] of [
    ["a", "  remote: other\n"],
    ["b", "  push: false\n"],
  ]) {
    p.folder.write(`r/${name}.dvc`, readFileSync(p.folder.at(`r/${name}.dvc`), "utf8") + line);
  }
  await p.push();
  expect(p.store()).toEqual([objectOf("c")]);
  expect(p.folder.list("other")).toEqual([objectOf("a")]);
  p.remove("r/.dvc/cache");
  expect((await p.fetch()).failures).toEqual([]);
  expect(p.cache()).toEqual(["a", "c"].map(objectOf).sort());
  expect((await p.push({ remote: "store" })).outs.map(({ shown }) => shown)).toEqual(["c"]);
});

test("objects of DVC 2 are kept where it kept them and held to its hash", async () => {
  const p = await setUp({ a: "unused" });
  const crlf = "one\r\ntwo\r\n";
  const hash = "2094b601daac3d68f5aed51d3c20f7cd"; // of the text with its line ends as LF
  p.folder.write("r/old.dvc", `outs:\n- md5: ${hash}\n  size: 10\n  path: old\n`);
  p.folder.write(`store/${hash.slice(0, 2)}/${hash.slice(2)}`, crlf);
  const report = await p.pull({ targets: ["old"] });
  expect(report.failures).toEqual([]);
  expect(readFileSync(p.folder.at("r/old"), "utf8")).toBe(crlf);
  p.remove(`store/${hash.slice(0, 2)}`);
  expect((await p.push({ targets: ["old"] })).transferred).toBe(1);
  expect(p.store()).toEqual([`${hash.slice(0, 2)}/${hash.slice(2)}`]);
});

test("runs of the run-cache go both ways, each once", async () => {
  const p = await setUp({ a: "a" });
  const run = `runs/aa/${"a".repeat(64)}/${"b".repeat(64)}`;
  p.folder.write(`r/.dvc/cache/${run}`, "cmd: x\n");
  p.folder.write("r/.dvc/cache/runs/aa/notes.txt", "no run");
  expect((await p.push({ runCache: true })).transferred).toBe(2);
  expect(p.store()).toEqual([objectOf("a"), run].sort());
  expect((await p.push({ runCache: true })).transferred).toBe(0);
  p.remove("r/.dvc/cache");
  expect((await p.fetch({ runCache: true })).transferred).toBe(2);
  expect(readFileSync(p.folder.at(`r/.dvc/cache/${run}`), "utf8")).toBe("cmd: x\n");
  expect(statSync(p.folder.at(`r/.dvc/cache/${run}`)).mode & 0o200).toBe(0o200);
});

test("without a remote nothing is asked for as long as there is nothing to transfer", async () => {
  const p = await setUp({});
  p.folder.write("r/.dvc/config", "");
  expect((await p.push()).transferred).toBe(0);
  p.folder.write(
    "r/a.dvc",
    "outs:\n- md5: 0cc175b9c0f1b6a831c399e269772661\n  hash: md5\n  path: a\n",
  );
  await expect(p.push()).rejects.toMatchObject({ code: "CONFIG_INVALID" });
  await expect(p.push({ remote: "nope" })).rejects.toThrow('got "nope"');
});

test("a remote that cannot be written names the folder and sends no list", async () => {
  const p = await setUp({ data: { foo: "foo" } });
  p.folder.write("store", "a file in the place of the folder");
  await expect(p.push()).rejects.toMatchObject({ code: "NOT_WRITABLE" });
  expect(readFileSync(p.folder.at("store"), "utf8")).toBe("a file in the place of the folder");
});

test("what other revisions record is transferred too, and what is gone of it is no failure", async () => {
  const p = await setUp({ a: "new" });
  const old = objectOf("old");
  p.folder.write(`r/.dvc/cache/${old}`, "old");
  const repository = await p.reopen();
  const [now] = await views(repository);
  const at = (content: string) => ({
    stages: [
      dvcFileStage(
        parseDvcFile(
          new Map([
            [
              "outs",
              [
                new Map([
                  ["md5", md5(content)],
                  ["hash", "md5"],
                  ["path", "a"],
                ]),
              ],
            ],
          ]),
          p.folder.at("r/a.dvc"),
          "a.dvc",
        ),
        "a.dvc",
      ),
    ],
    locks: openLockFiles(),
  });
  const all = [now!, at("old"), at("lost")];
  const report = await push(repository, all, OPTIONS, realEffects);
  expect([report.transferred, report.failures]).toEqual([2, []]);
  expect(p.store()).toEqual([objectOf("new"), old].sort());
  p.remove("r/.dvc/cache");
  p.remove("r/a");
  await pull(repository, all, { ...OPTIONS, force: false }, realEffects);
  expect(readFileSync(p.folder.at("r/a"), "utf8")).toBe("new");
  expect(p.cache()).toEqual([objectOf("new"), old].sort());
});

test("targets are outs, paths in them, .dvc files, patterns; an unknown one is refused", async () => {
  const p = await setUp({ "d/a.csv": "a", "d/b.csv": "b", c: { x: "x", y: "y" } });
  const asked = async (...targets: readonly string[]) => {
    const options = {
      ...OPTIONS,
      targets,
      recursive: targets[0] === "d",
      glob: /[*?]/.test(targets[0]!),
    };
    const repository = await p.reopen();
    const outs = wantedOuts(await views(repository), repository, options, true, realEffects);
    return outs
      .map(({ shown, inside }) => (inside === null ? shown : `${shown} > ${inside}`))
      .sort();
  };
  expect(await asked("d/a.csv")).toEqual(["d/a.csv"]);
  expect(await asked("c.dvc", "c/x")).toEqual(["c"]);
  expect(await asked("c/x", "c/y", "c/x")).toEqual(["c > x", "c > y"]);
  expect(await asked("d")).toEqual(["d/a.csv", "d/b.csv"]);
  expect(await asked("d/?.csv")).toEqual(["d/a.csv", "d/b.csv"]);
  expect(await asked("**/b*")).toEqual(["d/b.csv"]);
  await expect(asked("nope")).rejects.toThrow('got "nope"');
  await expect(asked("*.nope")).rejects.toThrow("expected a pattern that matches");
});
