import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DeleteObjectCommand, PutBucketPolicyCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { realEffects } from "../../src/core/effects.ts";
import { sourceParams } from "../../src/sources/params.ts";
import { syncSource } from "../../src/sources/sync-source.ts";
import { type Engine, openEngine } from "../../src/table/engine.ts";
import { type FaultProxy, s3Error, startFaultProxy } from "../interop/fault-proxy.ts";
import { type S3Server, startVersitygw } from "../interop/s3-server.ts";

let server: S3Server;
let proxy: FaultProxy;
let engine: Engine;
let root: string;
let folder: string;
beforeAll(async () => {
  server = await startVersitygw();
  proxy = await startFaultProxy(server.endpoint);
  engine = await openEngine();
});
afterAll(async () => {
  engine?.close();
  await proxy?.stop();
  await server?.stop();
});
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "duetmind-s3-source-"));
  folder = join(root, ".duetmind", "sources", "visits");
  proxy.onRequest(() => undefined);
  proxy.requests.length = 0;
});
afterEach(() => rmSync(root, { recursive: true }));

async function put(key: string, body: string): Promise<void> {
  const object = { Bucket: server.bucket, Key: key, Body: Buffer.from(body) };
  await server.client.send(new PutObjectCommand(object));
}

async function remove(key: string): Promise<void> {
  await server.client.send(new DeleteObjectCommand({ Bucket: server.bucket, Key: key }));
}

function sync(pattern: string, s3: object = {}, effects = realEffects) {
  const connection = { endpoint: proxy.endpoint, ...s3 };
  const params = sourceParams.parse({ path: `s3://${server.bucket}/${pattern}`, s3: connection });
  const { env } = server;
  const request = { name: "visits", params, root, env, engine, folder };
  return syncSource({ ...request, since: null, sinceColumn: null }, effects);
}

/** The keys whose bytes went over the wire since the last look. */
function fetchedKeys(): string[] {
  return proxy.requests
    .splice(0)
    .filter(({ method, path }) => method === "GET" && !path.includes("list-type"))
    .map(({ path }) => decodeURIComponent(path.split("?")[0]!.slice(`/${server.bucket}/`.length)))
    .sort();
}

const contents = (files: readonly { name: string; path: string }[]) =>
  Object.fromEntries(files.map(({ name, path }) => [name, readFileSync(path, "utf8")]));

test("a glob brings its objects in the order of their keys; later only what is new or changed", async () => {
  const s3 = (name: string) => `s3://${server.bucket}/day/${name}`;
  await put("day/b.csv", "id\n2\n");
  await put("day/a.csv", "id\n1\n");
  await put("day/sub/c.csv", "id\n3\n");
  await put("day/notes.txt", "no");
  const first = await sync("day/*.csv");
  expect(first.files.map(({ name }) => name)).toEqual([s3("a.csv"), s3("b.csv")]);
  expect(contents(first.files)).toEqual({ [s3("a.csv")]: "id\n1\n", [s3("b.csv")]: "id\n2\n" });
  expect(fetchedKeys()).toEqual(["day/a.csv", "day/b.csv"]);

  expect(await sync("day/*.csv")).toEqual(first);
  expect(fetchedKeys()).toEqual([]);

  await put("day/a.csv", "id\n9\n"); // as long as before
  await put("day/d.csv", "id\n4\n");
  await remove("day/b.csv");
  const second = await sync("day/*.csv");
  expect(contents(second.files)).toEqual({ [s3("a.csv")]: "id\n9\n", [s3("d.csv")]: "id\n4\n" });
  expect(fetchedKeys()).toEqual(["day/a.csv", "day/d.csv"]);
  expect(readdirSync(join(folder, "objects", "day"))).toEqual(["a.csv", "d.csv"]);

  writeFileSync(second.files[0]!.path, "id\n0\n"); // somebody touched what was fetched
  expect(contents((await sync("day/**/*.csv")).files)).toEqual({
    [s3("a.csv")]: "id\n9\n",
    [s3("d.csv")]: "id\n4\n",
    [s3("sub/c.csv")]: "id\n3\n",
  });
  expect(fetchedKeys()).toEqual(["day/a.csv", "day/sub/c.csv"]);
});

test("keys tell columns, by {name} and by folders named key=value", async () => {
  await put("part/year=2023/va.csv", "id\n1\n");
  await put("part/year=2024/long beach.csv", "id\n2\n");
  const found = async (pattern: string) =>
    (await sync(pattern)).files.map(({ pathValues }) =>
      Object.fromEntries((pathValues ?? []).map(({ column, value }) => [column, value])),
    );
  expect(await found("part/**/{site}.csv")).toEqual([
    { site: "va", year: "2023" },
    { site: "long beach", year: "2024" },
  ]);
  expect(await found("part/year=2024/*.csv")).toEqual([{}]);
});

test("a plain key needs no permission to list", async () => {
  await put("one/a.csv", "id\n1\n");
  await put("one/a.csv.bak", "id\n2\n");
  proxy.onRequest(({ path }) =>
    path.includes("list-type") ? s3Error(403, "AccessDenied") : undefined,
  );
  const { files } = await sync("one/a.csv");
  expect(Object.values(contents(files))).toEqual(["id\n1\n"]);
  await expect(sync("one/*")).rejects.toMatchObject({
    code: "SOURCE_REFUSED",
    message: `s3://${server.bucket}/one/: expected to list objects, got AccessDenied, status 403`,
  });
});

test("public data is read without credentials or signature", async () => {
  const { bucket: Bucket, client } = server;
  await put("public/a.csv", "id\n1\n");
  const anybody = { Effect: "Allow", Principal: "*" };
  const Statement = [
    { ...anybody, Action: ["s3:GetObject"], Resource: [`arn:aws:s3:::${Bucket}/public/*`] },
    { ...anybody, Action: ["s3:ListBucket"], Resource: [`arn:aws:s3:::${Bucket}`] },
  ];
  const Policy = JSON.stringify({ Version: "2012-10-17", Statement });
  await client.send(new PutBucketPolicyCommand({ Bucket, Policy }));
  const { files } = await sync("public/*.csv", { anonymous: true });
  expect(Object.values(contents(files))).toEqual(["id\n1\n"]);
  expect(proxy.requests.filter(({ headers }) => headers.authorization !== undefined)).toEqual([]);
});

test("nothing there, and an empty object, are told apart", async () => {
  await put("void/a.csv", "");
  await expect(sync("never/*.csv")).rejects.toMatchObject({
    code: "FILE_NOT_FOUND",
    message: `s3://${server.bucket}/never/*.csv: expected at least one object, got none`,
  });
  await expect(sync("never/a.csv")).rejects.toMatchObject({ code: "FILE_NOT_FOUND" });
  await expect(sync("void/*.csv")).rejects.toMatchObject({
    code: "DATA_EMPTY",
    message: `s3://${server.bucket}/void/a.csv: expected data, got an empty object`,
  });
});

test("an object that changes on its way is refused and not kept; the next run is clean", async () => {
  await put("bad/a.csv", "id\n1\n");
  await put("bad/b.csv", "id\n2\n");
  proxy.onRequest(({ path }) => (path.includes("/bad/b.csv") ? { flipByte: 3 } : undefined));
  await expect(sync("bad/*.csv")).rejects.toMatchObject({
    code: "CHECKSUM_MISMATCH",
    message: `s3://${server.bucket}/bad/b.csv: expected to read the object, got bytes that its checksum denies`,
  });
  expect(existsSync(join(folder, "objects", "bad", "b.csv"))).toBe(false);
  proxy.onRequest(() => undefined);
  proxy.requests.length = 0;
  expect(Object.values(contents((await sync("bad/*.csv")).files))).toEqual(["id\n1\n", "id\n2\n"]);
});

test("a fetch that breaks goes on at the byte where it broke", async () => {
  const body = `id\n${"1234567\n".repeat(500_000)}`;
  await put("long/a.csv", body);
  let times = 0;
  proxy.onRequest(({ path }) =>
    path.includes("/long/a.csv") && times++ === 0 ? { cutAfterBytes: 1_000_000 } : undefined,
  );
  expect(Object.values(contents((await sync("long/*.csv")).files))).toEqual([body]);
  expect(times).toBe(2);
});

test("a failure in the middle keeps what was fetched, so that the next run does the rest", async () => {
  for (let i = 0; i < 12; i++) await put(`half/${String(i).padStart(2, "0")}.csv`, `id\n${i}\n`);
  proxy.onRequest(({ path }) =>
    path.includes("/half/09.csv") ? s3Error(403, "AccessDenied") : undefined,
  );
  await expect(sync("half/*.csv")).rejects.toMatchObject({ code: "SOURCE_REFUSED" });
  const before = new Set(fetchedKeys());
  expect(before.has("half/09.csv")).toBe(true);
  proxy.onRequest(() => undefined);
  expect((await sync("half/*.csv")).files).toHaveLength(12);
  const after = fetchedKeys();
  expect(after).toContain("half/09.csv");
  expect(after.length).toBeLessThan(12);
});

test("Ctrl-C ends a fetch", async () => {
  await put("stop/a.csv", "id\n1\n");
  const controller = new AbortController();
  proxy.onRequest(({ path }) => {
    if (!path.includes("/stop/a.csv")) return undefined;
    controller.abort();
    return { hang: true };
  });
  const effects = { ...realEffects, signal: controller.signal };
  await expect(sync("stop/*.csv", {}, effects)).rejects.toMatchObject({ code: "INTERRUPTED" });
});

test("keys that are no safe names for files come all the same", async () => {
  for (const key of ["odd/ä*.csv", "odd/.hidden.csv", "odd/a b.csv"])
    await put(key, `id\n${key}\n`);
  const { files } = await sync("odd/**");
  expect(files.map(({ name }) => name)).toEqual([
    `s3://${server.bucket}/odd/.hidden.csv`,
    `s3://${server.bucket}/odd/a b.csv`,
    `s3://${server.bucket}/odd/ä*.csv`,
  ]);
  for (const { path } of files) expect(existsSync(path)).toBe(true);
});
