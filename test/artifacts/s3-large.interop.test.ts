import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import {
  ListMultipartUploadsCommand,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
} from "@aws-sdk/client-s3";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { openS3Bucket } from "../../src/artifacts/s3-bucket.ts";
import { createS3Store } from "../../src/artifacts/s3-store.ts";
import { partSize } from "../../src/artifacts/s3-upload.ts";
import { realEffects } from "../../src/core/effects.ts";
import { digestFile } from "../../src/core/hash.ts";
import { type FaultProxy, startFaultProxy } from "../interop/fault-proxy.ts";
import { type S3Server, startVersitygw } from "../interop/s3-server.ts";
import { all, chunks } from "./object-store-laws.ts";

const REPOSITORY = join(import.meta.dirname, "..", "..");
const MEBIBYTE = 1 << 20;

let server: S3Server;
let proxy: FaultProxy;
let folder: string;
beforeAll(async () => {
  server = await startVersitygw();
  proxy = await startFaultProxy(server.endpoint);
});
afterAll(async () => {
  await proxy?.stop();
  await server?.stop();
});
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "duetmind-s3-large-"));
  proxy.onRequest(() => undefined);
  proxy.requests.length = 0;
});
afterEach(() => rmSync(folder, { recursive: true }));

function storeOf(endpoint: string, prefix: string, effects = realEffects) {
  const { bucket, env } = server;
  const opened = openS3Bucket({ bucket, connection: { endpoint }, env, use: "STORAGE" }, effects);
  return createS3Store({ bucket: opened, prefix, incoming: join(folder, "incoming") }, effects);
}

/** A file of so many MiB, no two of them the same. */
async function makeFile(name: string, mebibytes: number): Promise<string> {
  const path = join(folder, name);
  const file = await open(path, "w");
  for (let i = 0; i < mebibytes; i++) {
    const block = Buffer.alloc(MEBIBYTE, i % 256);
    block.writeUInt32LE(i);
    await file.write(block);
  }
  await file.close();
  return path;
}

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

test("200 MB go up and come down with a few parts in memory", async () => {
  const path = await makeFile("200.bin", 200);
  const file = digestFile(path);
  const before = process.memoryUsage().arrayBuffers;
  let peak = 0;
  // What is held, not what waits to be collected: that depends on the machine.
  const look = () => {
    collectGarbage();
    peak = Math.max(peak, process.memoryUsage().arrayBuffers - before);
  };
  proxy.onRequest(() => {
    look();
    return undefined;
  });
  const store = storeOf(proxy.endpoint, "memory/");
  expect(await store.put({ path }, file.digest)).toEqual(file);
  const parts = proxy.requests.filter(({ path }) => path.includes("partNumber="));
  expect(parts).toHaveLength(25);
  // four parts of 8 MiB, and what the proxy of the test holds of each of them
  expect(peak).toBeLessThan(80 * MEBIBYTE);
  const read = storeOf(server.endpoint, "memory/");
  peak = 0;
  let chunksRead = 0;
  for await (const _ of await read.get(file.digest)) {
    if (chunksRead++ % 100 === 0) look();
  }
  expect(peak).toBeLessThan(80 * MEBIBYTE);
  await read.copyTo(file.digest, join(folder, "copy.bin"));
  expect(digestFile(join(folder, "copy.bin"))).toEqual(file);
  await read.delete(file.digest);
});

test("parts grow where ten thousand of the usual size would not do", () => {
  expect(partSize(0)).toBe(8 * MEBIBYTE);
  expect(partSize(80_000 * MEBIBYTE)).toBe(8 * MEBIBYTE);
  expect(partSize(80_000 * MEBIBYTE + 1)).toBe(9 * MEBIBYTE);
  const most = 5 * 2 ** 40; // the largest object there may be
  expect(Math.ceil(most / partSize(most))).toBeLessThanOrEqual(10_000);
});

test("after kill -9 in the middle of an upload a retry succeeds; the leftover goes a day later", async () => {
  const path = await makeFile("40.bin", 40);
  const { digest, sizeBytes } = digestFile(path);
  const isPart3 = ({ path }: { path: string }) => path.includes("partNumber=3&");
  proxy.onRequest((request) => (isPart3(request) ? { hang: true } : undefined));
  const store = {
    params: { url: `s3://${server.bucket}/killed`, endpoint: proxy.endpoint },
    env: server.env,
  };
  const script = `
    import { openObjectStore } from "./src/artifacts/open-object-store.ts";
    import { realEffects } from "./src/core/effects.ts";
    const { params, env } = ${JSON.stringify(store)};
    await openObjectStore(params, ${JSON.stringify(folder)}, env, realEffects).put(
      { path: ${JSON.stringify(path)} }, ${JSON.stringify(digest)});
  `;
  const tsx = join(REPOSITORY, "node_modules/tsx/dist/loader.mjs");
  const args = ["--import", tsx, "--input-type=module", "--eval", script];
  const child = spawn(process.execPath, args, { cwd: REPOSITORY, stdio: "ignore" });
  const ended = once(child, "exit");
  await vi.waitUntil(() => proxy.requests.some(isPart3), 60_000);
  child.kill("SIGKILL");
  expect(await ended).toEqual([null, "SIGKILL"]);

  const uploads = async () => {
    const input = { Bucket: server.bucket, Prefix: "killed/" };
    return (await server.client.send(new ListMultipartUploadsCommand(input))).Uploads ?? [];
  };
  expect(await uploads()).toHaveLength(1);
  expect(await all(storeOf(server.endpoint, "killed/"))).toEqual([]);

  const retried = storeOf(server.endpoint, "killed/");
  expect(await retried.put({ path }, digest)).toEqual({ digest, sizeBytes });
  expect(await all(retried)).toEqual([{ digest, sizeBytes }]);
  expect(await uploads()).toHaveLength(1); // it might still be somebody's

  const clock = { ...realEffects.clock, now: () => new Date(Date.now() + 25 * 60 * 60 * 1000) };
  const tomorrow = storeOf(server.endpoint, "killed/", { ...realEffects, clock });
  await tomorrow.put({ path: await makeFile("9.bin", 9) });
  expect(await uploads()).toEqual([]);
});

test("sixteen writers of one object make one version of it", async () => {
  const { bucket: Bucket, client } = server;
  const VersioningConfiguration = { Status: "Enabled" } as const;
  await client.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration }));
  const path = await makeFile("9.bin", 9);
  for (const source of [() => ({ path }), () => ({ stream: chunks(Buffer.from("small")) })]) {
    const writers = Array.from({ length: 16 }, () =>
      storeOf(server.endpoint, "versions/").put(source()),
    );
    const [stored] = await Promise.all(writers);
    await buffer(await storeOf(server.endpoint, "versions/").get(stored!.digest));
  }
  const input = { Bucket, Prefix: "versions/" };
  const { Versions = [] } = await client.send(new ListObjectVersionsCommand(input));
  expect(Versions).toHaveLength(2);
});
