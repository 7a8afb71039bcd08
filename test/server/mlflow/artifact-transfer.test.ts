import { once } from "node:events";
import { chmodSync, readdirSync, writeFileSync } from "node:fs";
import { type ClientRequest, type IncomingMessage, request } from "node:http";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";
import { expect, test, vi } from "vitest";
import { realEffects } from "../../../src/core/effects.ts";
import { digestBytes } from "../../../src/core/hash.ts";
import { temporaryFolder } from "../../support/database.ts";
import { type TestServer, testServer } from "../../support/server.ts";

const FILES = "/api/2.0/mlflow-artifacts/artifacts";

/** A server that listens, and the folder of its objects. */
async function listening(...[settings, parts, effects]: Parameters<typeof testServer>) {
  const root = temporaryFolder();
  const server = await testServer(settings, { root, ...parts }, effects);
  const address = new URL(await server.app.listen({ host: "127.0.0.1", port: 0 }));
  return { ...server, port: Number(address.port), store: join(root, ".duetmind", "artifacts") };
}

/** A request as it is written: nothing is resolved, encoded or repeated. */
function open(port: number, method: string, path: string, headers = {}): ClientRequest {
  return request({ host: "127.0.0.1", port, method, path, headers, agent: false });
}

async function answerOf(sent: ClientRequest) {
  const [reply] = (await once(sent, "response")) as [IncomingMessage];
  const bytes = await buffer(reply);
  return { status: reply.statusCode, headers: reply.headers, bytes, text: bytes.toString() };
}

async function rows({ database }: TestServer) {
  return database.kysely
    .selectFrom("artifact_file")
    .select(["path", "digest"])
    .orderBy("path")
    .execute();
}

const server = await listening();

test("bytes of many chunks come back as they went up", async () => {
  const bytes = Buffer.from(Array.from({ length: 5 << 20 }, (_, i) => (i * 31 + (i >> 9)) % 253));
  const up = open(server.port, "PUT", `${FILES}/1/big.bin`);
  up.end(bytes);
  expect(await answerOf(up)).toMatchObject({ status: 200, text: "" });
  const down = open(server.port, "GET", `${FILES}/1/big.bin`).end();
  const got = await answerOf(down);
  expect(got.status).toBe(200);
  expect(digestBytes(got.bytes)).toBe(digestBytes(bytes));
});

test.each([
  ["bytes=0-0", 206, "bytes 0-0/10", "0"],
  ["bytes=3-5", 206, "bytes 3-5/10", "345"],
  ["bytes=7-", 206, "bytes 7-9/10", "789"],
  ["bytes=7-99999999999999999999", 206, "bytes 7-9/10", "789"],
  ["bytes=-2", 206, "bytes 8-9/10", "89"],
  ["bytes=-99", 206, "bytes 0-9/10", "0123456789"],
  ["bytes=10-", 416, "bytes */10", undefined],
  ["bytes=-0", 416, "bytes */10", undefined],
  ["bytes=5-3", 200, undefined, "0123456789"],
  ["bytes=1-2,4-5", 200, undefined, "0123456789"],
  ["items=0-1", 200, undefined, "0123456789"],
  ["bytes=-", 200, undefined, "0123456789"],
])("range %s of ten bytes is %i", async (range, status, contentRange, text) => {
  await server.send("PUT", `${FILES}/1/ten.txt`, "0123456789");
  const reply = await answerOf(open(server.port, "GET", `${FILES}/1/ten.txt`, { range }).end());
  expect([reply.status, reply.headers["content-range"]]).toEqual([status, contentRange]);
  if (text === undefined) expect(JSON.parse(reply.text).error_code).toBe("INVALID_PARAMETER_VALUE");
  else expect(reply.text).toBe(text);
});

test("HEAD says the headers and sends no byte; a client's own copy is 304", async () => {
  await server.send("PUT", `${FILES}/1/ten.txt`, "0123456789");
  const url = `${FILES}/1/ten.txt`;
  const head = await answerOf(open(server.port, "HEAD", url).end());
  expect([head.status, head.text, head.headers["content-length"]]).toEqual([200, "", "10"]);
  const { etag = "", "last-modified": modified = "" } = head.headers;
  expect(etag).toBe(`"${digestBytes("0123456789")}"`);
  const get = (headers: Record<string, string>) =>
    answerOf(open(server.port, "GET", url, headers).end());
  expect(await get({ "if-none-match": `"x", W/${etag}` })).toMatchObject({ status: 304, text: "" });
  expect((await get({ "if-none-match": "*" })).status).toBe(304);
  expect((await get({ "if-none-match": '"x"' })).status).toBe(200);
  expect((await get({ "if-modified-since": modified })).status).toBe(304);
  expect((await get({ "if-modified-since": "Sat, 01 Jan 2000 00:00:00 GMT" })).status).toBe(200);
  const range = "bytes=0-1";
  expect((await get({ range, "if-range": etag })).text).toBe("01");
  expect((await get({ range, "if-range": modified })).text).toBe("01");
  expect((await get({ range, "if-range": '"other"' })).text).toBe("0123456789");
  const missing = await answerOf(open(server.port, "HEAD", `${FILES}/1/none`).end());
  expect([missing.status, missing.text]).toEqual([404, ""]);
});

test.each([
  ["model/MLmodel", "text/plain", "attachment; filename=MLmodel"],
  ["mlproject", "text/plain", "attachment; filename=mlproject"],
  ["a.json", "text/plain", "attachment; filename=a.json"],
  ["plot.png", "image/png", "attachment; filename=plot.png"],
  ["page.html", "text/html", "attachment; filename=page.html"],
  ["model.onnx", "application/octet-stream", "attachment; filename=model.onnx"],
  ['a "b".txt', "text/plain", 'attachment; filename="a \\"b\\".txt"'],
  ["mañana.txt", "text/plain", "attachment; filename=manana.txt; filename*=UTF-8''ma%C3%B1ana.txt"],
])("%s comes as %s, %s", async (name, type, disposition) => {
  const url = `${FILES}/1/types/${name.split("/").map(encodeURIComponent).join("/")}`;
  await server.send("PUT", url, "x");
  const { headers } = await server.send("GET", url);
  expect([headers["content-type"], headers["content-disposition"]]).toEqual([type, disposition]);
});

test.each(["/../x", "/a/../../x", "/%2e%2e/x", "/.."])(
  "%s is refused as it stands in the request line",
  async (path) => {
    for (const method of ["PUT", "GET", "DELETE"]) {
      const reply = await answerOf(open(server.port, method, `${FILES}${path}`).end());
      expect([method, reply.status]).toEqual([method, 400]);
      expect(JSON.parse(reply.text).message).toBe("Invalid path");
    }
  },
);

test("an upload whose socket is cut leaves nothing: no row, no object, no temporary file", async () => {
  const before = await rows(server);
  for (const headers of [{ "content-length": String(1 << 30) }, {}]) {
    const up = open(server.port, "PUT", `${FILES}/1/cut.bin`, headers);
    up.on("error", () => {});
    up.write(Buffer.alloc(3 << 20));
    const incoming = join(server.store, "incoming");
    await vi.waitUntil(() => readdirSync(incoming).length === 1, 10_000);
    up.destroy();
    await vi.waitUntil(() => readdirSync(incoming).length === 0, 10_000);
  }
  expect(await rows(server)).toEqual(before);
  expect(server.log).toEqual([]);
});

test("a reader who leaves in the middle harms nobody", async () => {
  await server.send("PUT", `${FILES}/1/left.bin`, Buffer.alloc(8 << 20, 3));
  const down = open(server.port, "GET", `${FILES}/1/left.bin`).end();
  const [reply] = (await once(down, "response")) as [IncomingMessage];
  await once(reply, "data");
  down.destroy();
  const whole = await answerOf(open(server.port, "GET", `${FILES}/1/left.bin`).end());
  expect(whole.bytes.length).toBe(8 << 20);
});

test("an upload may be slow as long as bytes move; one that stands still is cut", async () => {
  const { port, ...slow } = await listening({ requestTimeoutMs: 300 });
  const up = open(port, "PUT", `${FILES}/1/slow.txt`);
  for (let i = 0; i < 8; i++) {
    up.write("x");
    await delay(100);
  }
  up.end();
  expect((await answerOf(up)).status).toBe(200);
  const still = open(port, "PUT", `${FILES}/1/still.txt`);
  still.write("x");
  const [error] = await once(still, "error");
  expect(error.code).toBe("ECONNRESET");
  expect((await rows(slow)).map(({ path }) => path)).toEqual(["1/slow.txt"]);
});

test("a JSON body has its time as a whole, however its bytes move", async () => {
  const { port } = await listening({ requestTimeoutMs: 300 });
  const headers = { "content-type": "application/json", "content-length": "1000" };
  const slow = open(port, "POST", "/api/2.0/mlflow/experiments/create", headers);
  slow.on("error", () => {});
  const timer = setInterval(() => slow.write(" "), 50);
  const [reply] = (await once(slow, "response")) as [IncomingMessage];
  clearInterval(timer);
  expect(reply.statusCode).toBe(408);
});

test("a full disk is 503 with Retry-After, said to a client who is still sending; nothing is recorded", async () => {
  const full = Object.assign(new Error("no space left"), { code: "ENOSPC" });
  const files = { ...realEffects.files, publish: () => Promise.reject(full) };
  const { port, ...broken } = await listening({}, {}, { ...realEffects, files });
  const up = open(port, "PUT", `${FILES}/1/a.bin`);
  up.end(Buffer.alloc(1 << 20));
  const reply = await answerOf(up);
  expect([reply.status, reply.headers["retry-after"]]).toEqual([503, "1"]);
  expect(JSON.parse(reply.text).error_code).toBe("TEMPORARILY_UNAVAILABLE");
  expect(await rows(broken)).toEqual([]);
});

test("a file over the limit is 413, whether its length is said or found; nothing stays", async () => {
  const limited = await listening({}, { maxArtifactBytes: 1 << 20 });
  const sizes = [1 << 20, (1 << 20) + 1];
  for (const [index, size] of sizes.entries()) {
    const said = open(limited.port, "PUT", `${FILES}/1/said-${index}`, {
      "content-length": String(size),
    });
    said.end(Buffer.alloc(size));
    const found = open(limited.port, "PUT", `${FILES}/1/found-${index}`);
    found.write(Buffer.alloc(size - 1));
    found.end("x");
    const replies = await Promise.all([said, found].map(answerOf));
    const status = index === 0 ? 200 : 413;
    expect(replies.map((reply) => reply.status)).toEqual([status, status]);
  }
  expect((await rows(limited)).map(({ path }) => path)).toEqual(["1/found-0", "1/said-0"]);
  expect(readdirSync(join(limited.store, "incoming"))).toEqual([]);
});

test("bytes that are damaged on the disk never come as a whole file", async () => {
  const own = await listening();
  await own.send("PUT", `${FILES}/1/a.bin`, Buffer.alloc(3 << 20, 1));
  const hex = digestBytes(Buffer.alloc(3 << 20, 1)).slice("sha256:".length);
  const object = join(own.store, "sha256", hex.slice(0, 2), hex.slice(2));
  chmodSync(object, 0o644);
  writeFileSync(object, Buffer.alloc(3 << 20, 2));
  const down = open(own.port, "GET", `${FILES}/1/a.bin`).end();
  await expect(answerOf(down)).rejects.toThrow("aborted");
});

test("without the proxy its calls are 503", async () => {
  const off = await testServer({}, { servesArtifacts: false });
  for (const method of ["PUT", "GET", "DELETE"] as const) {
    const reply = await off.send(method, `${FILES}/1/a`, method === "PUT" ? "x" : undefined);
    expect([reply.status, reply.json()["error_code"]]).toEqual([503, "TEMPORARILY_UNAVAILABLE"]);
  }
  expect((await off.send("GET", FILES)).status).toBe(503);
});
