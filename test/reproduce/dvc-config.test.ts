import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, expect, test } from "vitest";
import {
  configFlag,
  configList,
  configText,
  parseConfig,
  readDvcConfig,
} from "../../src/reproduce/files/dvc-config.ts";

const root = mkdtempSync(join(tmpdir(), "duetmind-config-"));
afterAll(() => rmSync(root, { recursive: true }));

function write(path: string, content: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), content);
}

test("later layers win key by key, and relative paths start at their file", () => {
  write("etc/config", "[core]\n    remote = old\n    autostage = true\n");
  write("home/.config/dvc/config", "[cache]\n    type = copy\n    dir = ~/cache\n");
  write(
    "repo/.dvc/config",
    `# ours\n[core]\n    remote = storage # the one\n['remote "storage"']\n    url = ../../data\n    jobs = 2\n['remote "S3"']\n    url = s3://bucket/a\n`,
  );
  write("repo/.dvc/config.local", `["CACHE"]\nType = "reflink", copy\n[core]\nanalytics = False\n`);
  const config = readDvcConfig(join(root, "repo/.dvc"), {
    HOME: join(root, "home"),
    DVC_SYSTEM_CONFIG_DIR: join(root, "etc"),
  });
  expect(configText(config, "core", "remote")).toBe("storage");
  expect(configFlag(config, "core", "autostage")).toBe(true);
  expect(configFlag(config, "core", "analytics")).toBe(false);
  expect(configList(config, "cache", "type")).toEqual(["reflink", "copy"]);
  expect(configText(config, "cache", "dir")).toBe(join(root, "home/cache"));
  expect(Object.fromEntries(config.remotes.get("storage")!)).toEqual({
    url: join(root, "data"),
    jobs: "2",
  });
  expect(config.remotes.get("s3")?.get("url")).toBe("s3://bucket/a");
});

test("what is no INI file is refused with its line", () => {
  for (const text of [
    "[core\n",
    "a = 1\n",
    "[a]\nb\n",
    "[a]\nb = 1\nb = 2\n",
    "[a]\n[a]\n",
    '[a]\nb = "\n',
  ]) {
    expect(() => parseConfig(text, "config")).toThrow(/config:\d+: expected/);
  }
});
