import { execFile } from "node:child_process";
import { randomBytes, randomUUID } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { ListMultipartUploadsCommand, ListObjectsV2Command } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openS3Bucket } from "../../../src/artifacts/s3-bucket.ts";
import { copyObject } from "../../../src/artifacts/s3-copy.ts";
import { type Effects, realEffects } from "../../../src/core/effects.ts";
import { digestBytes, digestHex } from "../../../src/core/hash.ts";
import { type FaultProxy, startFaultProxy } from "../../interop/fault-proxy.ts";
import { pythonEnvironment } from "../../interop/python-environment.ts";
import { type S3Server, startVersitygw } from "../../interop/s3-server.ts";
import { temporaryFolder } from "../../support/database.ts";
import { testServer } from "../../support/server.ts";

const PROXY = "/api/2.0/mlflow-artifacts";
const PART = 5 << 20;

let s3: S3Server;
let hop: FaultProxy;

beforeAll(async () => {
  s3 = await startVersitygw();
  hop = await startFaultProxy(s3.endpoint);
}, 600_000);
afterAll(async () => {
  await hop?.stop();
  await s3?.stop();
});

function connected(
  prefix: string = randomUUID(),
  effects: Effects = realEffects,
  maxArtifactBytes?: number,
) {
  const artifacts = { url: `s3://${s3.bucket}/${prefix}`, endpoint: hop.endpoint };
  return testServer({}, { artifacts, env: s3.env, maxArtifactBytes }, effects);
}

type Server = Awaited<ReturnType<typeof connected>>;
type Created = { upload_id: string; credentials: { url: string; part_number: number }[] };

async function create({ send }: Server, folder: string, path: string, num_parts: number) {
  const reply = await send("POST", `${PROXY}/mpu/create/${folder}`, { path, num_parts });
  expect(reply.status).toBe(200);
  return reply.json<Created>();
}

/** Sends parts as a client does: without credentials, to the addresses that it was given. */
async function sendParts({ credentials }: Created, bytes: Buffer) {
  const parts = [];
  for (const { url, part_number } of credentials) {
    const body = bytes.subarray((part_number - 1) * PART, part_number * PART);
    const reply = await fetch(url, { method: "PUT", body: new Uint8Array(body) });
    expect(reply.status).toBe(200);
    parts.push({ part_number, etag: reply.headers.get("etag")!, url });
  }
  return parts;
}

async function uploadsLeft(prefix: string) {
  const Prefix = `${prefix}/uploads/`;
  const input = { Bucket: s3.bucket, Prefix };
  const { Contents = [] } = await s3.client.send(new ListObjectsV2Command(input));
  const { Uploads = [] } = await s3.client.send(new ListMultipartUploadsCommand(input));
  return [...Contents, ...Uploads].map(({ Key }) => Key);
}

test("a file that a client sends in parts is a file as any other, and nothing else stays", async () => {
  const prefix = randomUUID();
  const server = await connected(prefix);
  const bytes = randomBytes(2 * PART + 77);
  const created = await create(server, "0/run/artifacts", "/home/ann/big.bin", 3);
  expect(created.credentials.map(({ part_number }) => part_number)).toEqual([1, 2, 3]);
  const parts = await sendParts(created, bytes);
  const file = { path: "/home/ann/big.bin", upload_id: created.upload_id };
  const url = `${PROXY}/mpu/complete/0/run/artifacts`;
  const elsewhere = await server.send("POST", `${PROXY}/mpu/complete/0/other`, { ...file, parts });
  expect(elsewhere.status).toBe(404);
  const done = await server.send("POST", url, { ...file, parts });
  expect([done.status, done.text]).toEqual([200, "{}"]);
  const got = await server.send("GET", `${PROXY}/artifacts/0/run/artifacts/big.bin`);
  expect(digestBytes(got.bytes)).toBe(digestBytes(bytes));
  expect(got.headers["etag"]).toBe(`"${digestBytes(bytes)}"`);
  const range = await server.send("GET", `${PROXY}/artifacts/0/run/artifacts/big.bin`, undefined, {
    range: `bytes=${PART - 2}-${PART + 1}`,
  });
  expect([range.status, range.bytes.equals(bytes.subarray(PART - 2, PART + 2))]).toEqual([
    206,
    true,
  ]);
  expect(await uploadsLeft(prefix)).toEqual([]);
  const again = await server.send("POST", url, { ...file, parts });
  expect([again.status, again.json()["error_code"]]).toEqual([404, "RESOURCE_DOES_NOT_EXIST"]);
});

test("a file is read from the bucket by its presigned address, as a whole and in ranges", async () => {
  const server = await connected();
  const bytes = randomBytes(1 << 16);
  await server.send("PUT", `${PROXY}/artifacts/0/a/b.bin`, bytes);
  const reply = await server.send("GET", `${PROXY}/presigned/0/a/b.bin`);
  const { url, headers, file_size } = reply.json<{
    url: string;
    headers: object;
    file_size: number;
  }>();
  expect([headers, file_size]).toEqual([{}, bytes.length]);
  expect(new URL(url).searchParams.get("X-Amz-Expires")).toBe("300");
  const whole = Buffer.from(await (await fetch(url)).arrayBuffer());
  expect(whole.equals(bytes)).toBe(true);
  const part = await fetch(url, { headers: { range: "bytes=10-19" } });
  expect(part.status).toBe(206);
  expect(Buffer.from(await part.arrayBuffer()).equals(bytes.subarray(10, 20))).toBe(true);
  const forged = url.replace(/X-Amz-Signature=./, (found) => `${found.slice(0, -1)}x`);
  expect((await fetch(forged)).status).toBe(403);
  expect((await server.send("GET", `${PROXY}/presigned/0/a/none`)).status).toBe(404);
  expect((await server.send("GET", `${PROXY}/presigned/0/a`)).status).toBe(400);
  const info = await server.send("GET", "/api/3.0/mlflow/server-info");
  expect(info.json()).toMatchObject({
    multipart_uploads_enabled: true,
    multipart_downloads_enabled: true,
  });
});

test("parts that were not sent, out of order or too many are refused, and aborting clears", async () => {
  const prefix = randomUUID();
  const server = await connected(prefix);
  const created = await create(server, "0/x", "f.bin", 2);
  const parts = await sendParts(created, randomBytes(PART + 5));
  const complete = (fields: object) =>
    server.send("POST", `${PROXY}/mpu/complete/0/x`, {
      ...{ path: "f.bin", upload_id: created.upload_id, parts },
      ...fields,
    });
  const [first, second] = parts as [(typeof parts)[0], (typeof parts)[0]];
  for (const wrong of [
    [],
    [second, first],
    [first, first],
    [{ ...first, part_number: 0 }],
    [{ ...first, part_number: 10_001 }],
    [first, { ...second, etag: `"${"0".repeat(32)}"` }],
    [first, second, { ...second, part_number: 3 }],
  ]) {
    const reply = await complete({ parts: wrong });
    expect([wrong.length, reply.status]).toEqual([wrong.length, 400]);
  }
  for (const upload_id of ["", "nobody", `${"0".repeat(32)}.nobody`]) {
    expect((await complete({ upload_id })).status).toBe(404);
  }
  for (const num_parts of [0, -1, 10_001]) {
    const body = { path: "f.bin", num_parts };
    expect((await server.send("POST", `${PROXY}/mpu/create/0/x`, body)).status).toBe(400);
  }
  const up = await server.send("POST", `${PROXY}/mpu/create/0/%2e%2e`, {
    ...{ path: "f.bin", num_parts: 1 },
  });
  expect(up.status).toBe(400);
  expect(await uploadsLeft(prefix)).toHaveLength(1);
  const abort = () =>
    server.send("POST", `${PROXY}/mpu/abort/0/x`, {
      ...{ path: "f.bin", upload_id: created.upload_id },
    });
  expect([(await abort()).status, (await abort()).status]).toEqual([200, 200]);
  expect(await uploadsLeft(prefix)).toEqual([]);
  expect((await complete({})).status).toBe(404);
  expect((await server.send("GET", `${PROXY}/artifacts?path=0/x`)).text).toBe("{}");
});

test("a file over the limit is 413 and leaves nothing", async () => {
  const prefix = randomUUID();
  const server = await connected(prefix, realEffects, PART);
  const created = await create(server, "0/x", "f.bin", 2);
  const parts = await sendParts(created, randomBytes(PART + 1));
  const reply = await server.send("POST", `${PROXY}/mpu/complete/0/x`, {
    ...{ path: "f.bin", upload_id: created.upload_id, parts },
  });
  expect(reply.status).toBe(413);
  expect(await uploadsLeft(prefix)).toEqual([]);
});

test("what a killed server left of uploads goes two days later, younger ones stay", async () => {
  const prefix = randomUUID();
  const before = await connected(prefix);
  await create(before, "0/x", "begun.bin", 1);
  const opened = openS3Bucket(
    { bucket: s3.bucket, connection: { endpoint: s3.endpoint }, env: s3.env, use: "STORAGE" },
    realEffects,
  );
  const sha256 = Buffer.from(digestHex(digestBytes("x")), "hex");
  await opened.put(`${prefix}/uploads/finished`, { bytes: Buffer.from("x"), sha256 }, "absent");
  await create(await connected(prefix), "0/x", "next.bin", 1);
  expect(await uploadsLeft(prefix)).toHaveLength(3);
  const clock = { ...realEffects.clock, now: () => new Date(Date.now() + 2 * 24 * 3600 * 1000) };
  const later = await connected(prefix, { ...realEffects, clock });
  await create(later, "0/x", "last.bin", 1);
  expect(await uploadsLeft(prefix)).toHaveLength(1);
});

test("an object too large for one copy is copied in parts, the same bytes", async () => {
  const prefix = randomUUID();
  const opened = openS3Bucket(
    { bucket: s3.bucket, connection: { endpoint: s3.endpoint }, env: s3.env, use: "STORAGE" },
    realEffects,
  );
  const bytes = randomBytes(2 * PART + 9);
  const sha256 = Buffer.from(digestHex(digestBytes(bytes)), "hex");
  await opened.put(`${prefix}/a b+ü`, { bytes, sha256 }, "absent");
  const { etag } = (await opened.head(`${prefix}/a b+ü`))!;
  const source = { key: `${prefix}/a b+ü`, etag, sizeBytes: bytes.length };
  await copyObject(opened, source, `${prefix}/copy`, PART, PART);
  const { body } = (await opened.get(`${prefix}/copy`))!;
  const chunks = [];
  for await (const chunk of body) chunks.push(chunk as Buffer);
  expect(digestBytes(Buffer.concat(chunks))).toBe(digestBytes(bytes));
  const stale = { ...source, etag: `"${"0".repeat(32)}"` };
  await expect(copyObject(opened, stale, `${prefix}/no`)).rejects.toThrow("status 412");
});

test("MLflow's own client sends in parts and reads from the bucket", async () => {
  const prefix = randomUUID();
  const server = await connected(prefix);
  const address = await server.app.listen({ host: "127.0.0.1", port: 0 });
  const { python } = await pythonEnvironment("mlflow-client");
  const bytes = randomBytes(2 * PART + (2 << 20));
  const path = join(temporaryFolder(), "large.bin");
  writeFileSync(path, bytes);
  hop.requests.length = 0;
  const script = join(
    import.meta.dirname,
    "..",
    "..",
    "interop",
    "mlflow-client",
    "send_in_parts.py",
  );
  const { stdout } = await promisify(execFile)(python, [script, address, path], {
    env: {
      ...process.env,
      MLFLOW_DISABLE_TELEMETRY: "true",
      MLFLOW_ENABLE_PROXY_MULTIPART_UPLOAD: "true",
      MLFLOW_ENABLE_PROXY_MULTIPART_DOWNLOAD: "true",
      MLFLOW_MULTIPART_UPLOAD_MINIMUM_FILE_SIZE: String(PART),
      MLFLOW_MULTIPART_UPLOAD_CHUNK_SIZE: String(PART),
      MLFLOW_MULTIPART_DOWNLOAD_MINIMUM_FILE_SIZE: String(PART),
      MLFLOW_MULTIPART_DOWNLOAD_CHUNK_SIZE: String(PART),
    },
  });
  expect(stdout.trim().split("\n").at(-1)).toBe(digestHex(digestBytes(bytes)));
  const signed = hop.requests.filter(({ path: at }) => at.includes("X-Amz-Signature"));
  const puts = signed.filter(({ method }) => method === "PUT");
  expect([puts.length, signed.length - puts.length]).toEqual([3, 3]);
  expect(await uploadsLeft(prefix)).toEqual([]);
}, 300_000);

test("a bucket that is down is 503 with Retry-After, and comes back", async () => {
  const server = await connected();
  await server.send("PUT", `${PROXY}/artifacts/0/a.txt`, "here");
  hop.onRequest(() => ({ answer: 503 }));
  for (const [method, path, body] of [
    ["PUT", "artifacts/0/b.txt", "x"],
    ["GET", "artifacts/0/a.txt", undefined],
    ["POST", "mpu/create/0", { path: "c.bin", num_parts: 1 }],
  ] as const) {
    const reply = await server.send(method, `${PROXY}/${path}`, body);
    expect([path, reply.status, reply.headers["retry-after"]]).toEqual([path, 503, "1"]);
    expect(reply.json()["error_code"]).toBe("TEMPORARILY_UNAVAILABLE");
  }
  hop.onRequest(() => undefined);
  expect((await server.send("GET", `${PROXY}/artifacts/0/a.txt`)).text).toBe("here");
  expect((await server.send("GET", `${PROXY}/artifacts/0/b.txt`)).status).toBe(404);
});
