import { existsSync, readdirSync } from "node:fs";
import type { ServerResponse } from "node:http";
import { createServer, type Socket } from "node:net";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { startServer } from "../support/http-server.ts";
import { httpSource, ONCE } from "./sync-http.ts";

const ROWS = [{ id: 1 }, { id: 2 }];
const JSON_TYPE = { "content-type": "application/json" };

function ok(response: ServerResponse, body: unknown = ROWS): void {
  response.writeHead(200, JSON_TYPE).end(JSON.stringify(body));
}

/** A server that gives these answers one after the other, the last for ever. */
function answers(...each: readonly ((response: ServerResponse) => void)[]) {
  let n = 0;
  return startServer((_, response) => each[Math.min(n++, each.length - 1)]!(response));
}

const status =
  (code: number, headers: Record<string, string> = {}) =>
  (response: ServerResponse) =>
    void response.writeHead(code, headers).end("nothing for you");

test.each([
  [401, "SOURCE_REFUSED", 3, "expected to be let in, got 401 Unauthorized"],
  [403, "SOURCE_REFUSED", 3, "expected to be let in, got 403 Forbidden"],
  [404, "NOT_FOUND", 2, "expected data at this address, got 404 Not Found"],
  [410, "NOT_FOUND", 2, "expected data at this address, got 410 Gone"],
  [400, "BAD_INPUT", 2, "expected 200 OK, got 400 Bad Request"],
  [202, "BAD_INPUT", 2, "expected 200 OK, got 202 Accepted"],
  [304, "BAD_INPUT", 2, "expected 200 OK, got 304 Not Modified"],
])("%i is %s at once, without another attempt", async (code, errorCode, exit, message) => {
  const server = await answers(status(code));
  const source = await httpSource({ url: `${server.url}/v1`, records: "" });
  const error = await source.sync().catch((reason: unknown) => reason);
  expect(error).toMatchObject({
    code: errorCode,
    exitCode: exit,
    message: `${server.url}/v1: ${message}`,
    details: { hint: expect.any(String) },
  });
  expect(server.requests.length).toBe(1);
  expect(source.clock.slept).toEqual([]);
});

test("429 is obeyed: the wait is what Retry-After says, in seconds or as a date", async () => {
  const date = "Sun, 01 Mar 2026 00:00:50 GMT"; // the clock stands at 00:00:00, and has slept 20 s by then
  const server = await answers(
    status(429, { "retry-after": "20" }),
    status(429, { "retry-after": date }),
    (response) => ok(response),
  );
  const source = await httpSource({ url: server.url, records: "" });
  expect(await source.rows()).toEqual(ROWS);
  expect(source.clock.slept).toEqual([20_000, 30_000]);
  expect(source.notes[0]).toContain("got 429 Too Many Requests; again in 20.0 s");
});

test("a Retry-After beyond the limit ends at once and says how long", async () => {
  const server = await answers(status(429, { "retry-after": "3600" }));
  const source = await httpSource({ url: server.url, records: "" });
  await expect(source.sync()).rejects.toMatchObject({
    code: "SOURCE_UNAVAILABLE",
    message: expect.stringContaining("got 429 Too Many Requests; it asks to come back in 3600 s"),
  });
  expect(source.clock.slept).toEqual([]);
});

test("500 and then an answer is an answer", async () => {
  const server = await answers(status(500), status(503), (response) => ok(response));
  const source = await httpSource({ url: server.url, records: "" });
  expect(await source.rows()).toEqual(ROWS);
  const [first, second] = source.clock.slept;
  expect(first).toBeGreaterThanOrEqual(250);
  expect(first).toBeLessThanOrEqual(500);
  expect(second).toBeGreaterThanOrEqual(500);
  expect(second).toBeLessThanOrEqual(1000);
});

test("500 for ever ends after the attempts, and leaves nothing", async () => {
  const server = await answers(status(500));
  const source = await httpSource({ url: `${server.url}/v1`, records: "" });
  await expect(source.sync()).rejects.toMatchObject({
    code: "SOURCE_UNAVAILABLE",
    exitCode: 3,
    message: `${server.url}/v1: expected an answer, got 500 Internal Server Error after 5 attempts`,
  });
  expect(server.requests.length).toBe(5);
  expect(existsSync(source.folder)).toBe(false);
});

test("nobody listens at the port", async () => {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as { port: number };
  await new Promise((done) => server.close(done));
  const source = await httpSource({ url: `http://127.0.0.1:${port}/`, records: "" });
  await expect(source.sync()).rejects.toMatchObject({
    code: "SOURCE_UNAVAILABLE",
    message: `http://127.0.0.1:${port}/: expected an answer, got a refused connection after 5 attempts`,
  });
  expect(source.clock.slept.length).toBe(4);
});

test.each([
  [
    "<!DOCTYPE html><title>Sign in</title>",
    "expected a JSON document, got HTML or XML (text/html)",
  ],
  [
    '[{"id": 1}, {"id": 2',
    "expected a JSON document, got a document that is cut short after 20 ch",
  ],
  ['[{"id": 1}, {"na', "expected a JSON document, got a document that is cut short after 16 char"],
  ["", "expected a JSON document, got an empty answer"],
  ["id,site\n1,A\n", "expected a JSON document, got other text (text/html)"],
  [Buffer.from([0x5b, 0xff, 0x5d]), "expected text in UTF-8, got other bytes"],
  ['{"items": []}', "expected an array of rows as the document, got an object"],
  ['[{"id": 1}, 5]', "expected objects in the array as the document, got a number as number 2"],
  ["[[1]]", "expected objects in the array as the document, got an array as number 1"],
])("%j instead of rows", async (body, message) => {
  const server = await startServer(
    (_, response) => void response.writeHead(200, { "content-type": "text/html" }).end(body),
  );
  const source = await httpSource({ url: `${server.url}/v1`, records: "" });
  await expect(source.sync()).rejects.toMatchObject({
    code: "BAD_INPUT",
    exitCode: 2,
    message: expect.stringContaining(`${server.url}/v1: ${message}`),
  });
  expect(server.requests.length).toBe(1);
});

test.each([
  ["/data/rows", 'expected an array of rows at "/data/rows", got nothing there'],
  ["/data", 'expected an array of rows at "/data", got an object'],
  ["data.count", 'expected an array of rows at "data.count", got a number'],
])("rows are not at %s", async (records, message) => {
  const server = await startServer((_, response) =>
    ok(response, { data: { items: ROWS, count: 2 } }),
  );
  const source = await httpSource({ url: server.url, records });
  await expect(source.sync()).rejects.toMatchObject({
    code: "BAD_INPUT",
    message: expect.stringContaining(message),
  });
});

test("no row in all pages is no data", async () => {
  const server = await answers((response) => ok(response, []));
  await expect((await httpSource({ url: server.url, records: "" })).sync()).rejects.toMatchObject({
    code: "DATA_EMPTY",
    exitCode: 2,
  });
});

test("a connection that breaks in the middle is tried again, and what came is forgotten", async () => {
  const torn = (response: ServerResponse) => {
    response.writeHead(200, { ...JSON_TYPE, "content-length": "1000" });
    response.write('[{"id": 7},', () => response.destroy());
  };
  const server = await answers(torn, torn, (response) => ok(response));
  const source = await httpSource({ url: server.url, records: "" });
  expect(await source.rows()).toEqual(ROWS);
  const broken = await httpSource({ url: (await answers(torn)).url, records: "", ...ONCE });
  await expect(broken.sync()).rejects.toMatchObject({
    code: "SOURCE_UNAVAILABLE",
    message: expect.stringContaining("expected an answer, got a connection that was dropped"),
  });
});

test("a content length that is too small is a document that is cut short", async () => {
  const server = await startServer((_, response) => {
    response.socket!.end(`HTTP/1.1 200 OK\r\ncontent-length: 12\r\n\r\n${JSON.stringify(ROWS)}`);
  });
  await expect((await httpSource({ url: server.url, records: "" })).sync()).rejects.toMatchObject({
    code: "BAD_INPUT",
    message: expect.stringContaining("cut short after 12 characters"),
  });
});

test("a server that does not speak HTTP", async () => {
  const server = await startServer((_, response) => void response.socket!.end("SSH-2.0-x\r\n"));
  await expect((await httpSource({ url: server.url, records: "" })).sync()).rejects.toMatchObject({
    code: "SOURCE_UNAVAILABLE",
    message: expect.stringContaining("expected HTTP, got something else"),
  });
});

test("pages without end: the same cursor twice, or more than the limit", async () => {
  const pages = { by: "cursor", param: "c", at: "next" };
  const same = await startServer((_, response) => ok(response, { rows: ROWS, next: "again" }));
  await expect(
    (await httpSource({ url: same.url, records: "rows", pages })).sync(),
  ).rejects.toMatchObject({
    code: "BAD_INPUT",
    message: `${same.url}/?c=again: expected an end of the pages, got one that was there before`,
  });
  expect(same.requests.length).toBe(2);
  const more = await startServer((_, response) => ok(response));
  const source = await httpSource({ url: more.url, pages: { by: "page" }, limits: { pages: 3 } });
  await expect(source.sync()).rejects.toMatchObject({
    code: "BAD_INPUT",
    message: `${more.url}/?page=4: expected an end of the pages, got more than 3`,
  });
  expect(more.requests.length).toBe(3);
  expect(readdirSync(source.folder)).toEqual([]);
});

test("a cursor that is none, and `more` that is not there", async () => {
  const server = await startServer((_, response) => ok(response, { rows: ROWS, next: {} }));
  const cursor = { by: "cursor", param: "c", at: "next" };
  await expect(
    (await httpSource({ url: server.url, records: "rows", pages: cursor })).sync(),
  ).rejects.toThrow('expected text or a number at "next", got an object');
  const page = { by: "page", more: "has_more" };
  await expect(
    (await httpSource({ url: server.url, records: "rows", pages: page })).sync(),
  ).rejects.toThrow(
    'expected something at "has_more" that says whether there is more, got nothing',
  );
});

test("a page, or all rows, beyond the limit of bytes; a gzip bomb is counted as it unfolds", async () => {
  const big = JSON.stringify([{ text: "x".repeat(2_000_000) }]);
  const limits = { page_bytes: 1_000_000 };
  const plain = await answers((response) => void response.end(big));
  await expect(
    (await httpSource({ url: plain.url, records: "", limits })).sync(),
  ).rejects.toMatchObject({
    code: "BAD_INPUT",
    message: `${plain.url}/: expected at most 1000000 bytes in a page, got more`,
  });
  const bomb = gzipSync(Buffer.alloc(100_000_000, " "));
  const bombs = await answers(
    (response) => void response.writeHead(200, { "content-encoding": "gzip" }).end(bomb),
  );
  await expect((await httpSource({ url: bombs.url, records: "" })).sync()).rejects.toThrow(
    "expected at most 67108864 bytes in a page, got more",
  );
  const pages = await answers((response) => ok(response, [{ text: "x".repeat(400) }]));
  const total = { url: pages.url, pages: { by: "page" }, limits: { total_bytes: 1000 } };
  await expect((await httpSource(total)).sync()).rejects.toThrow(
    "expected at most 1000 bytes, got",
  );
});

test("content that is not in the encoding it claims, or in one that is not known", async () => {
  const server = await answers(
    (response) => void response.writeHead(200, { "content-encoding": "gzip" }).end("[]"),
  );
  await expect((await httpSource({ url: server.url, records: "" })).sync()).rejects.toMatchObject({
    code: "SOURCE_UNAVAILABLE",
    message: expect.stringContaining("got damaged content"),
  });
  const zip = await answers(
    (response) => void response.writeHead(200, { "content-encoding": "zip" }).end("[]"),
  );
  await expect((await httpSource({ url: zip.url, records: "" })).sync()).rejects.toThrow(
    'expected content as it is, or as gzip, deflate or br, got content-encoding "zip"',
  );
});

const TIMEOUTS = { timeouts: { connect_ms: 1000, idle_ms: 3000, total_ms: 9000 } };

test("a server that says nothing, or stops in the middle, is given up after the idle time", async () => {
  for (const begin of [() => {}, (response: ServerResponse) => void response.write("[")]) {
    const server = await startServer((_, response) => {
      begin(response);
      source.clock.ring(3000);
    });
    const source = await httpSource({ url: server.url, records: "", ...TIMEOUTS, ...ONCE });
    await expect(source.sync()).rejects.toMatchObject({
      code: "SOURCE_UNAVAILABLE",
      message: `${server.url}/: expected an answer, got no byte for 3 s`,
    });
  }
});

test("a slow drip is given up after the total time, though a byte comes now and then", async () => {
  const server = await startServer((_, response) => {
    response.write("[");
    response.write("1,");
    source.clock.ring(9000);
  });
  const source = await httpSource({ url: server.url, records: "", ...TIMEOUTS, ...ONCE });
  await expect(source.sync()).rejects.toThrow("expected an answer, got no end of it in 9 s");
});

test("a TLS server that accepts and never answers is given up after the time to connect", async () => {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    source.clock.ring(1000);
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as { port: number };
  const url = `https://127.0.0.1:${port}/`;
  const source = await httpSource({ url, records: "", ...TIMEOUTS, ...ONCE });
  await expect(source.sync()).rejects.toThrow("expected an answer, got no connection for 1 s");
  for (const socket of sockets) socket.destroy();
  await new Promise((done) => server.close(done));
});

test("Ctrl-C ends a wait for an answer", async () => {
  const server = await startServer(() => source.abort());
  const source = await httpSource({ url: server.url, records: "" });
  await expect(source.sync()).rejects.toMatchObject({ code: "INTERRUPTED" });
  expect(server.requests.length).toBe(1);
});
