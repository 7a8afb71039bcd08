import { spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand } from "@aws-sdk/client-s3";
import { afterAll, expect, test } from "vitest";
import { runCli } from "../../src/cli/run.ts";
import { pythonEnvironment } from "./python-environment.ts";
import { startVersitygw } from "./s3-server.ts";

/** Real DVC 3.67.1 and DuetMind send to one remote and take from it what the other has sent. */
const { python } = await pythonEnvironment("dvc");
const s3 = await startVersitygw();
const HOME = mkdtempSync(join(tmpdir(), "duetmind-remotes-"));
const ENV = {
  PATH: `${dirname(python)}:${process.env["PATH"]}`,
  HOME,
  DVC_NO_ANALYTICS: "true",
  DVC_SITE_CACHE_DIR: join(HOME, "site"),
  SHELL: "/bin/sh",
  ...s3.env,
};

afterAll(async () => {
  await s3.stop();
  rmSync(HOME, { recursive: true, force: true });
});

function dvc(folder: string, ...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(python, ["-m", "dvc", ...args], {
    cwd: folder,
    encoding: "utf8",
    env: ENV,
  });
  if (status !== 0) throw new Error(`dvc ${args.join(" ")}: exit ${status}\n${stdout}${stderr}`);
  return stdout;
}

async function duetmind(folder: string, ...argv: readonly string[]) {
  const said = { out: "", err: "" };
  const exitCode = await runCli({
    argv,
    env: ENV,
    cwd: folder,
    stdout: { write: (text) => (said.out += text) },
    stderr: { write: (text) => (said.err += text) },
  });
  return { exitCode, ...said };
}

const LARGE = Buffer.alloc(20_000_000, "abcdefg"); // in parts
const FILES: Readonly<Record<string, string | Buffer>> = {
  "data/é😀.txt": "astral",
  "data/ﬁ": "ligature",
  "data/sub/empty": "",
  "data/sub/same": "same",
  "single file": "same",
  large: LARGE,
};
const OUTS = ["data", "large", "single file"];

let count = 0;
/** A repository that DVC made, with its outs added, and the address of a remote that nobody has used. */
function createRepository(kind: "folder" | "s3"): Readonly<{ folder: string; url: string }> {
  const folder = join(HOME, `r${++count}`);
  mkdirSync(folder);
  dvc(folder, "init", "--no-scm", "-q");
  for (const [path, content] of Object.entries(FILES)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  dvc(folder, "add", "-q", ...OUTS);
  const url = kind === "folder" ? `../store${count}` : `s3://${s3.bucket}/p${count}/x`;
  return { folder, url };
}

function forget(folder: string): void {
  for (const path of [".dvc/cache", ...OUTS]) {
    rmSync(join(folder, path), { recursive: true, force: true });
  }
}

function expectFiles(folder: string): void {
  for (const [path, content] of Object.entries(FILES)) {
    expect(readFileSync(join(folder, path)).equals(Buffer.from(content))).toBe(true);
  }
}

async function remoteKeys(kind: "folder" | "s3", folder: string, url: string): Promise<string[]> {
  if (kind === "folder") {
    const top = join(folder, url);
    return readdirSync(top, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(top.length + 1))
      .sort();
  }
  const Prefix = `${url.slice(`s3://${s3.bucket}/`.length)}/`;
  const listed = await s3.client.send(new ListObjectsV2Command({ Bucket: s3.bucket, Prefix }));
  return (listed.Contents ?? []).map(({ Key }) => Key!.slice(Prefix.length)).sort();
}

test.each(["folder", "s3"] as const)(
  "%s: DuetMind pushes, DVC pulls",
  async (kind) => {
    const { folder, url } = createRepository(kind);
    expect(await duetmind(folder, "remote", "add", "-d", "store", url)).toMatchObject({
      exitCode: 0,
    });
    if (kind === "s3")
      await duetmind(folder, "remote", "modify", "store", "endpointurl", s3.endpoint);
    expect(JSON.parse((await duetmind(folder, "push", "--json")).out)).toMatchObject({
      changed: 3,
      transferred: 6, // "same" once
    });
    expect(dvc(folder, "status", "-c")).toBe("Cache and remote 'store' are in sync.\n");
    expect(dvc(folder, "push")).toBe("Everything is up to date.\n");
    forget(folder);
    dvc(folder, "pull", "-q");
    expectFiles(folder);
    expect(dvc(folder, "status")).toBe("Data and pipelines are up to date.\n");
  },
  240_000,
);

test.each(["folder", "s3"] as const)(
  "%s: DVC pushes, DuetMind pulls",
  async (kind) => {
    const { folder, url } = createRepository(kind);
    dvc(folder, "remote", "add", "-q", "-d", "store", url);
    if (kind === "s3") dvc(folder, "remote", "modify", "store", "endpointurl", s3.endpoint);
    dvc(folder, "push", "-q");
    const pushed = await remoteKeys(kind, folder, url);
    expect((await duetmind(folder, "push")).out).toBe("Everything is up to date.\n");
    expect(await remoteKeys(kind, folder, url)).toEqual(pushed);
    forget(folder);
    expect(JSON.parse((await duetmind(folder, "status", "-c", "--json")).out)).toEqual(
      JSON.parse(dvc(folder, "status", "-c", "--json")),
    );
    const told = (await duetmind(folder, "pull")).out.trimEnd().split("\n");
    expect(told.pop()).toBe("5 files fetched and 6 files added"); // status had to fetch the list
    expect(told.sort()).toEqual(["A       data/", "A       large", "A       single file"]);
    expectFiles(folder);
    expect(dvc(folder, "status")).toBe("Data and pipelines are up to date.\n");
    expect(dvc(folder, "pull")).toBe("Everything is up to date.\n");
    for (const entry of readdirSync(join(folder, ".dvc/cache/files/md5"), {
      recursive: true,
      withFileTypes: true,
    })) {
      if (entry.isFile()) {
        expect(statSync(join(entry.parentPath, entry.name)).mode & 0o777).toBe(0o444);
      }
    }
  },
  240_000,
);

test.each(["folder", "s3"] as const)(
  "%s: both write the same keys",
  async (kind) => {
    const first = createRepository(kind);
    dvc(first.folder, "remote", "add", "-q", "-d", "store", first.url);
    const second = createRepository(kind);
    await duetmind(second.folder, "remote", "add", "-d", "store", second.url);
    for (const { folder } of [first, second]) {
      if (kind === "s3") dvc(folder, "remote", "modify", "store", "endpointurl", s3.endpoint);
    }
    dvc(first.folder, "push", "-q");
    expect((await duetmind(second.folder, "push")).exitCode).toBe(0);
    expect(await remoteKeys(kind, second.folder, second.url)).toEqual(
      await remoteKeys(kind, first.folder, first.url),
    );
  },
  240_000,
);

test("a damaged and a missing object of a bucket are told, and everything else comes", async () => {
  const { folder, url } = createRepository("s3");
  await duetmind(folder, "remote", "add", "-d", "store", url);
  await duetmind(folder, "remote", "modify", "store", "endpointurl", s3.endpoint);
  await duetmind(folder, "push");
  const keys = await remoteKeys("s3", folder, url);
  const prefix = url.slice(`s3://${s3.bucket}/`.length);
  const empty = "files/md5/d4/1d8cd98f00b204e9800998ecf8427e";
  expect(keys).toContain(empty);
  const Key = `${prefix}/${empty}`;
  await s3.client.send(new PutObjectCommand({ Bucket: s3.bucket, Key, Body: "x" }));
  forget(folder);
  const { exitCode, out } = await duetmind(folder, "pull", "--json");
  expect(exitCode).toBe(1);
  expect(JSON.parse(out)).toMatchObject({
    changed: 3,
    error: {
      code: "TRANSFER_INCOMPLETE",
      message: expect.stringContaining("data/sub/empty: expected to fetch its object d41d8cd9"),
      issues: [{ got: 'a damaged object in remote "store"' }],
    },
  });
  expect(existsSync(join(folder, "data"))).toBe(false);
  expect(readFileSync(join(folder, "large")).equals(LARGE)).toBe(true);
  expect(existsSync(join(folder, ".dvc/cache", empty))).toBe(false);
  expect(
    (await s3.client.send(new GetObjectCommand({ Bucket: s3.bucket, Key }))).ContentLength,
  ).toBe(1);
}, 240_000);

test("a large object of the cache that is damaged is not sent, and no upload is left", async () => {
  const { folder, url } = createRepository("s3");
  await duetmind(folder, "remote", "add", "-d", "store", url);
  await duetmind(folder, "remote", "modify", "store", "endpointurl", s3.endpoint);
  const large = readdirSync(join(folder, ".dvc/cache/files/md5"), {
    recursive: true,
    withFileTypes: true,
  })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .find((path) => statSync(path).size === LARGE.length)!;
  chmodSync(large, 0o644);
  writeFileSync(large, Buffer.concat([LARGE.subarray(1), Buffer.from("!")]));
  chmodSync(large, 0o444);
  const { exitCode, err } = await duetmind(folder, "push", "large");
  expect([exitCode, err]).toEqual([
    1,
    expect.stringContaining("large: expected to push its object"),
  ]);
  expect(await remoteKeys("s3", folder, url)).toEqual([]);
}, 240_000);

test("DVC reads the configuration that DuetMind writes, and a bucket that is refused shows no secret", async () => {
  const { folder, url } = createRepository("s3");
  await duetmind(folder, "remote", "add", "-d", "store", url);
  await duetmind(folder, "remote", "modify", "store", "endpointurl", s3.endpoint);
  for (const [key, value] of Object.entries({
    access_key_id: "nobody",
    secret_access_key: 'hush # "hush", hush',
  })) {
    await duetmind(folder, "remote", "modify", "--local", "store", key, value);
  }
  expect(dvc(folder, "config", "--local", "remote.store.secret_access_key").trim()).toBe(
    'hush # "hush", hush',
  );
  expect(dvc(folder, "remote", "list").split(/\s+/)).toEqual(["store", url, "(default)", ""]);
  const { exitCode, out, err } = await duetmind(folder, "push", "--json");
  expect(exitCode).toBe(3);
  expect(JSON.parse(out).error.code).toBe("STORAGE_REFUSED");
  expect(out + err).not.toContain("hush");
}, 240_000);
