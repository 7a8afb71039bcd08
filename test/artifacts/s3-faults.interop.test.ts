import { randomUUID } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { ListMultipartUploadsCommand } from "@aws-sdk/client-s3";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { openS3Bucket } from "../../src/artifacts/s3-bucket.ts";
import { createS3Store } from "../../src/artifacts/s3-store.ts";
import { realEffects } from "../../src/core/effects.ts";
import type { Environment } from "../../src/core/environment.ts";
import { digestBytes } from "../../src/core/hash.ts";
import {
  type FaultProxy,
  type ProxiedRequest,
  s3Error,
  startFaultProxy,
} from "../interop/fault-proxy.ts";
import { freePort } from "../interop/free-port.ts";
import { type S3Server, startVersitygw } from "../interop/s3-server.ts";
import { all, chunks } from "./object-store-laws.ts";

const LIMITS = { connectTimeoutMs: 2000, idleTimeoutMs: 1500, attempts: 3 };
const SMALL = Buffer.from("small");
const LARGE = Buffer.alloc(20 << 20, 7);

let server: S3Server;
let proxy: FaultProxy;
let folder: string;
let large: string;
let prefix: string;
beforeAll(async () => {
  server = await startVersitygw();
  proxy = await startFaultProxy(server.endpoint);
});
afterAll(async () => {
  await proxy?.stop();
  await server?.stop();
});
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "duetmind-s3-faults-"));
  large = join(folder, "large.bin");
  writeFileSync(large, LARGE);
  prefix = `${randomUUID()}/`;
  proxy.onRequest(() => undefined);
  proxy.requests.length = 0;
});
afterEach(() => {
  vi.useRealTimers();
  rmSync(folder, { recursive: true });
});

type Setting = Readonly<{ endpoint?: string; region?: string; bucket?: string; env?: Environment }>;

/** A store behind the proxy, unless said otherwise. */
function storeOf(setting: Setting = {}, effects = realEffects) {
  const { endpoint = proxy.endpoint, bucket = server.bucket, env = server.env } = setting;
  const options = {
    bucket,
    connection: { endpoint },
    env,
    use: "STORAGE",
    limits: LIMITS,
  } as const;
  const opened = openS3Bucket(options, effects);
  return createS3Store({ bucket: opened, prefix, incoming: join(folder, "incoming") }, effects);
}

async function uploadsLeft(): Promise<number> {
  const input = { Bucket: server.bucket, Prefix: prefix };
  const { Uploads = [] } = await server.client.send(new ListMultipartUploadsCommand(input));
  return Uploads.length;
}

const isPart = (number: number) => (request: ProxiedRequest) =>
  request.method === "PUT" && request.path.includes(`partNumber=${number}&`);
const isFinish = ({ method, path }: ProxiedRequest) =>
  method === "POST" && path.includes("uploadId=");

/** Does harm to the first so many requests of a kind. */
function first(times: number, isMeant: (request: ProxiedRequest) => boolean) {
  let done = 0;
  return (request: ProxiedRequest) => isMeant(request) && done++ < times;
}

const anonymous = { AWS_EC2_METADATA_DISABLED: "true" };

test.each([
  [
    "a wrong secret",
    { env: { AWS_ACCESS_KEY_ID: "duetmind-test", AWS_SECRET_ACCESS_KEY: "wrong" } },
    "SignatureDoesNotMatch, status 403",
    "check AWS_SECRET_ACCESS_KEY, and that no proxy rewrites requests",
  ],
  [
    "an unknown key",
    { env: { AWS_ACCESS_KEY_ID: "nobody", AWS_SECRET_ACCESS_KEY: "duetmind-test-secret" } },
    "XAdminUserNotFound, status 404",
    "check AWS_ACCESS_KEY_ID, or the profile that AWS_PROFILE names",
  ],
  [
    "a missing bucket",
    { bucket: "never-made" },
    "NoSuchBucket, status 404",
    "create the bucket, or correct its name",
  ],
])("%s is refused with the reason and what to check", async (_, setting, got, hint) => {
  const store = storeOf(setting);
  const bucket = "bucket" in setting ? setting.bucket : server.bucket;
  await expect(store.put({ stream: chunks(SMALL) })).rejects.toMatchObject({
    code: "STORAGE_REFUSED",
    message: expect.stringMatching(
      new RegExp(`^s3://${bucket}/${prefix}sha256/.+: expected to write the object, got ${got}$`),
    ),
    details: { hint },
  });
  await expect(store.put({ path: large })).rejects.toMatchObject({ code: "STORAGE_REFUSED" });
  await expect(store.get(digestBytes(SMALL))).rejects.toMatchObject({ code: "STORAGE_REFUSED" });
  await expect(all(store)).rejects.toMatchObject({ code: "STORAGE_REFUSED" });
});

test("a refusal of the question whether an object is there has its reason too", async () => {
  const env = { AWS_ACCESS_KEY_ID: "duetmind-test", AWS_SECRET_ACCESS_KEY: "wrong" };
  await expect(storeOf({ env }).has(digestBytes(SMALL))).rejects.toMatchObject({
    code: "STORAGE_REFUSED",
    message: expect.stringMatching(/expected to find the object, got SignatureDoesNotMatch/),
  });
});

test("a wrong region is set right by the server's answer", async () => {
  const store = storeOf({ region: "eu-central-1" });
  expect(await store.has(digestBytes(SMALL))).toBe(false);
  const { digest } = await store.put({ stream: chunks(SMALL) });
  expect(await storeOf({ region: "eu-central-1" }).has(digest)).toBe(true);
  expect((await buffer(await store.get(digest))).equals(SMALL)).toBe(true);
});

test("a secret never stands in an error", async () => {
  const AWS_SECRET_ACCESS_KEY = "wrong-secret-of-the-test";
  const store = storeOf({ env: { AWS_ACCESS_KEY_ID: "duetmind-test", AWS_SECRET_ACCESS_KEY } });
  const error = await store.put({ stream: chunks(SMALL) }).catch((e: unknown) => e);
  expect(JSON.stringify(error)).not.toContain(AWS_SECRET_ACCESS_KEY);
});

test("a server that is down is named with its error", async () => {
  const store = storeOf({ endpoint: `http://127.0.0.1:${await freePort()}` });
  await expect(store.has(digestBytes(SMALL))).rejects.toMatchObject({
    code: "STORAGE_UNAVAILABLE",
    message: expect.stringMatching(
      /expected to find the object, got no connection \(ECONNREFUSED\)$/,
    ),
    details: { hint: "check that the server runs, and the endpoint" },
  });
});

test("a server that never answers is given up after a few attempts", async () => {
  proxy.onRequest(() => ({ hang: true }));
  await expect(storeOf().put({ stream: chunks(SMALL) })).rejects.toMatchObject({
    code: "STORAGE_UNAVAILABLE",
    message: expect.stringMatching(/got no answer in time$/),
  });
  expect(proxy.requests).toHaveLength(LIMITS.attempts);
});

test("a server in trouble is tried again, and given up after a few attempts", async () => {
  const isUnlucky = first(2, () => true);
  proxy.onRequest((request) => (isUnlucky(request) ? s3Error(503, "SlowDown") : undefined));
  const { digest } = await storeOf().put({ stream: chunks(SMALL) });
  expect(await storeOf().has(digest)).toBe(true);
  proxy.requests.length = 0;
  proxy.onRequest(() => s3Error(503, "SlowDown"));
  await expect(storeOf().get(digest)).rejects.toMatchObject({
    code: "STORAGE_UNAVAILABLE",
    message: expect.stringMatching(/expected to read the object, got SlowDown, status 503$/),
  });
  expect(proxy.requests).toHaveLength(LIMITS.attempts);
});

test("a clock that is a day off is set right by the server's", async () => {
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 86_400_000 });
  const { digest } = await storeOf().put({ stream: chunks(SMALL) });
  expect((await buffer(await storeOf().get(digest))).equals(SMALL)).toBe(true);
});

test("a clock that cannot be set right is named, also where an answer has no body", async () => {
  const date = new Date(Date.now() + 86_400_000).toUTCString();
  proxy.onRequest(() => ({ ...s3Error(403, "RequestTimeTooSkewed"), headers: { date } }));
  const refused = (by: RegExp) => ({
    code: "STORAGE_REFUSED",
    details: { hint: expect.stringMatching(by) },
  });
  const byADay = /^this machine's clock and the server's differ by 86\d{3} s: set it$/;
  await expect(storeOf().put({ stream: chunks(SMALL) })).rejects.toMatchObject(refused(byADay));
  proxy.onRequest(() => ({ answer: 403, headers: { date } }));
  await expect(storeOf().has(digestBytes(SMALL))).rejects.toMatchObject(refused(byADay));
});

test("something that is not S3 is told from an empty bucket", async () => {
  const page = { answer: 200, body: "<html><body>Welcome</body></html>", headers: {} };
  proxy.onRequest(() => ({ ...page, headers: { "content-type": "text/html" } }));
  const expected = {
    code: "STORAGE_UNAVAILABLE",
    details: { hint: "something else than S3 answers at this address" },
  };
  const [store, digest] = [storeOf(), digestBytes(SMALL)];
  await expect(all(store)).rejects.toMatchObject(expected);
  await expect(store.has(digest)).rejects.toMatchObject(expected);
  await expect(store.get(digest)).rejects.toMatchObject(expected);
  await expect(store.put({ stream: chunks(SMALL) })).rejects.toMatchObject(expected);
  await expect(store.put({ path: large })).rejects.toMatchObject(expected);
});

test("an object that changes on its way is refused, and nothing is left at the target", async () => {
  const store = storeOf();
  const { digest } = await store.put({ path: large });
  proxy.onRequest(({ method }) => (method === "GET" ? { flipByte: 12_345_678 } : undefined));
  const target = join(folder, "out", "copy.bin");
  await expect(store.copyTo(digest, target)).rejects.toMatchObject({ code: "CHECKSUM_MISMATCH" });
  expect(readdirSync(join(folder, "out"))).toEqual([]);
});

test("a download that breaks goes on at the byte where it broke", async () => {
  const store = storeOf();
  const { digest } = await store.put({ path: large });
  const isUnlucky = first(2, ({ method }) => method === "GET");
  proxy.onRequest((request) => (isUnlucky(request) ? { cutAfterBytes: 5_000_000 } : undefined));
  const target = join(folder, "copy.bin");
  await store.copyTo(digest, target);
  expect(digestBytes(readFileSync(target))).toBe(digest);
  const ranges = proxy.requests.map(({ headers }) => headers.range).filter(Boolean);
  expect(ranges).toEqual([
    expect.stringMatching(/^bytes=[1-5]\d{0,6}-\d+$/),
    expect.stringMatching(/^bytes=\d{1,8}-\d+$/),
  ]);
  proxy.onRequest(({ method }) => (method === "GET" ? { cutAfterBytes: 1000 } : undefined));
  rmSync(target);
  await expect(store.copyTo(digest, target)).rejects.toMatchObject({
    code: "STORAGE_UNAVAILABLE",
    message: expect.stringMatching(
      /expected to read the object, got no connection \(ECONNRESET\)$/,
    ),
  });
  expect(readdirSync(folder)).toEqual(["large.bin"]);
});

test("a write whose answer is lost has been done, once", async () => {
  const isLost = first(1, ({ method }) => method === "PUT");
  proxy.onRequest((request) => (isLost(request) ? { drop: true, reached: true } : undefined));
  const stored = await storeOf().put({ stream: chunks(SMALL) });
  const isFinishLost = first(1, isFinish);
  proxy.onRequest((request) => (isFinishLost(request) ? { drop: true, reached: true } : undefined));
  const inParts = await storeOf().put({ path: large });
  proxy.onRequest(() => undefined);
  const both = [stored, inParts].sort((a, b) => (a.digest < b.digest ? -1 : 1));
  expect(await all(storeOf())).toEqual(both);
  expect(await uploadsLeft()).toBe(0);
});

test("a part that is lost is sent again; one that is always lost aborts the upload", async () => {
  const isUnlucky = first(1, isPart(2));
  proxy.onRequest((request) => (isUnlucky(request) ? { drop: true } : undefined));
  const { digest } = await storeOf().put({ path: large });
  expect(digestBytes(await buffer(await storeOf().get(digest)))).toBe(digest);
  await storeOf().delete(digest);
  proxy.onRequest((request) => (isPart(2)(request) ? { drop: true } : undefined));
  await expect(storeOf().put({ path: large })).rejects.toMatchObject({
    code: "STORAGE_UNAVAILABLE",
    message: expect.stringMatching(
      /expected to write part 2, got no connection \((ECONNRESET|EPIPE)\)$/,
    ),
  });
  proxy.onRequest(() => undefined);
  expect(await all(storeOf())).toEqual([]);
  expect(await uploadsLeft()).toBe(0);
});

test("Ctrl-C in the middle of an upload ends it at once and leaves nothing", async () => {
  const controller = new AbortController();
  proxy.onRequest((request) => {
    if (!isPart(2)(request)) return undefined;
    controller.abort();
    return { hang: true };
  });
  const store = storeOf({}, { ...realEffects, signal: controller.signal });
  await expect(store.put({ path: large })).rejects.toMatchObject({ code: "INTERRUPTED" });
  expect(await uploadsLeft()).toBe(0);
  expect(await all(storeOf())).toEqual([]);
});

test("Ctrl-C while an object is read ends it at once", async () => {
  const { digest } = await storeOf().put({ path: large });
  const controller = new AbortController();
  const store = storeOf({}, { ...realEffects, signal: controller.signal });
  const reading = (async () => {
    for await (const _ of await store.get(digest)) controller.abort();
  })();
  await expect(reading).rejects.toMatchObject({ code: "INTERRUPTED" });
});

test("every write is conditional: nothing is ever overwritten unseen", async () => {
  for (let times = 0; times < 2; times++) {
    await storeOf().put({ stream: chunks(SMALL) });
    await storeOf().put({ path: large });
  }
  const writes = proxy.requests.filter(
    (request) => isFinish(request) || (request.method === "PUT" && !request.path.includes("part")),
  );
  expect(writes.map(({ headers }) => headers["if-none-match"])).toEqual(["*", "*", "*"]);
});

test("without credentials the hint says where they may stand", async () => {
  const env = { ...anonymous, AWS_PROFILE: "no-such-profile" };
  await expect(storeOf({ env }).has(digestBytes(SMALL))).rejects.toMatchObject({
    code: "STORAGE_REFUSED",
    details: { hint: expect.stringContaining("AWS_ACCESS_KEY_ID") },
  });
});
