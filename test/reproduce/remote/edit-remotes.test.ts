import { existsSync, readFileSync } from "node:fs";
import { afterEach, expect, test } from "vitest";
import { realEffects } from "../../../src/core/effects.ts";
import { configText } from "../../../src/reproduce/files/config-text.ts";
import type { ConfigLevel } from "../../../src/reproduce/files/dvc-config.ts";
import { parseConfig } from "../../../src/reproduce/files/dvc-config.ts";
import {
  addRemote,
  defaultRemote,
  listRemotes,
  modifyRemote,
  removeRemote,
  renameRemote,
  setDefaultRemote,
} from "../../../src/reproduce/remote/edit-remotes.ts";
import { createFolder, type TestFolder } from "../cache/test-folder.ts";

const open: TestFolder[] = [];
afterEach(() => {
  for (const folder of open.splice(0)) folder.remove();
});

function setUp(config: string) {
  const folder = createFolder({ "r/.dvc/config": config, "r/sub/x": "" });
  open.push(folder);
  const env = { DVC_GLOBAL_CONFIG_DIR: folder.at("global"), DVC_SYSTEM_CONFIG_DIR: folder.at("s") };
  const at = (level: ConfigLevel | null, cwd = "r") =>
    ({ root: folder.at("r"), cwd: folder.at(cwd), env, level }) as const;
  const read = (path = "r/.dvc/config") => readFileSync(folder.at(path), "utf8");
  return { folder, at, read };
}

const remote = { name: "store", url: "../store", isDefault: false, force: false };

test("the files are what `dvc remote` 3.67.1 writes", async () => {
  const { folder, at, read } = setUp("[core]\n    no_scm = True\n");
  await addRemote({ ...remote, isDefault: true }, at(null), realEffects);
  expect(read()).toBe(
    `[core]\n    no_scm = True\n    remote = store\n['remote "store"']\n    url = ../../store\n`,
  );
  await addRemote({ ...remote, name: "Other", url: "s3://bucket/x" }, at("local"), realEffects);
  await modifyRemote("other", "secret_access_key", 'a, b # "c', at("local"), realEffects);
  expect(read("r/.dvc/config.local")).toBe(
    `['remote "other"']\n    url = s3://bucket/x\n    secret_access_key = 'a, b # "c'\n`,
  );
  await renameRemote("store", "st2", at(null), realEffects);
  expect(read()).toBe(
    `[core]\n    no_scm = True\n    remote = st2\n['remote "st2"']\n    url = ../../store\n`,
  );
  await removeRemote("st2", at(null), realEffects);
  expect(read()).toBe("[core]\n    no_scm = True\n");
  expect(existsSync(folder.at("global"))).toBe(false);
});

test("a relative address is taken from where the command is called", async () => {
  const { at, read, folder } = setUp("");
  await addRemote({ ...remote, url: "here" }, at(null, "r/sub"), realEffects);
  expect(read()).toContain("url = ../sub/here\n");
  expect(listRemotes(at(null))).toEqual([
    { name: "store", url: folder.at("r/sub/here"), isDefault: false },
  ]);
  await modifyRemote("store", "url", "/abs", at(null), realEffects);
  expect(read()).toContain("url = /abs\n");
});

test("options of a remote may be in another file than its address", async () => {
  const { at, read } = setUp(`['remote "store"']\n    url = s3://bucket/x\n`);
  await modifyRemote("store", "access_key_id", "ID", at("local"), realEffects);
  await setDefaultRemote("store", at("local"), realEffects);
  expect(read("r/.dvc/config.local")).toBe(
    `[core]\n    remote = store\n['remote "store"']\n    access_key_id = ID\n`,
  );
  expect([defaultRemote(at(null)), defaultRemote(at("repository"))]).toEqual(["store", null]);
  await removeRemote("store", at("repository"), realEffects);
  expect(read("r/.dvc/config.local")).toBe(`['remote "store"']\n    access_key_id = ID\n`);
});

test("what cannot be is refused and leaves the file as it was", async () => {
  const { at, read } = setUp(`['remote "store"']\n    url = ../../store\n`);
  const before = read();
  const refused = [
    [() => addRemote(remote, at(null), realEffects), "ALREADY_EXISTS"],
    [() => addRemote({ ...remote, name: "a b" }, at(null), realEffects), "BAD_INPUT"],
    [
      () => addRemote({ ...remote, name: "n", url: "gs://x" }, at(null), realEffects),
      "NOT_SUPPORTED",
    ],
    [() => modifyRemote("nope", "url", "x", at(null), realEffects), "NOT_FOUND"],
    [() => modifyRemote("store", "version_aware", "true", at(null), realEffects), "NOT_SUPPORTED"],
    [() => modifyRemote("store", "foo", "x", at(null), realEffects), "CONFIG_INVALID"],
    [() => removeRemote("nope", at(null), realEffects), "NOT_FOUND"],
    [() => setDefaultRemote("nope", at(null), realEffects), "NOT_FOUND"],
    [() => renameRemote("store", "store", at(null), realEffects), "ALREADY_EXISTS"],
  ] as const;
  for (const [attempt, code] of refused) await expect(attempt()).rejects.toMatchObject({ code });
  expect(read()).toBe(before);
});

test("what is written is read as it was", () => {
  const values = ["a", "", " a ", "a, b", "a # b", "it's", 'say "x"', "'", "a b", "#", "x,"];
  const section = new Map<string, string | readonly string[]>(
    values.map((value, i) => [`k${i}`, value] as const),
  );
  section.set("list", ["reflink", "copy"]).set("one", ["copy"]);
  const text = configText(new Map([["cache", section]]));
  expect(parseConfig(text, "config").get("cache")).toEqual(section);
});
