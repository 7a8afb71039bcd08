import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { digestBytes, digestHex } from "../../src/core/hash.ts";
import { startServer } from "../support/http-server.ts";
import { httpSource, ONCE } from "./sync-http.ts";

const CSV = "id,site\n1,A\n2,B\n";

function serve(body: string | Uint8Array, headers: Record<string, string> = {}) {
  return startServer((_, response) => void response.writeHead(200, headers).end(body));
}

test.each([
  ["/visits.csv", {}, {}, "csv", ".csv"],
  ["/visits.csv?x=1", { "content-type": "text/plain" }, {}, "csv", ".csv"],
  ["/export", { "content-type": "text/csv; charset=utf-8" }, {}, "csv", ".csv"],
  ["/export", { "content-type": "application/x-ndjson" }, {}, "ndjson", ".ndjson"],
  ["/export", { "content-type": "application/vnd.apache.parquet" }, {}, "parquet", ".parquet"],
  ["/export.json", { "content-type": "text/csv" }, { format: "tsv" }, "tsv", ".tsv"],
])("%s with %j is read as %j says", async (path, headers, read, format, ending) => {
  const server = await serve(CSV, headers);
  const source = await httpSource({ url: server.url + path }, { read });
  const synced = await source.sync();
  expect(synced.format).toBe(format);
  const [file] = synced.files;
  expect(file!.name).toBe(server.url + path);
  expect(basename(file!.path)).toBe(`${digestHex(digestBytes(CSV))}${ending}`);
  expect(readFileSync(file!.path, "utf8")).toBe(CSV);
});

test("what nothing says the format of is refused before its body is read", async () => {
  const server = await serve(CSV, { "content-type": "application/octet-stream" });
  await expect(
    (await httpSource({ url: `${server.url}/export?token_id=1` })).sync(),
  ).rejects.toMatchObject({
    code: "BAD_INPUT",
    message: expect.stringContaining(`${server.url}/export: expected a name ending in .csv`),
    details: { hint: "name the format: `format:` of a source, --format of a command" },
  });
});

test.each([
  ["the file is compressed", { "content-type": "text/csv" }, gzipSync(CSV), ".csv.gz"],
  ["the transport is", { "content-encoding": "gzip" }, gzipSync(CSV), ".csv"],
  ["both are", { "content-encoding": "gzip" }, gzipSync(gzipSync(CSV)), ".csv.gz"],
])("a compressed file is named by what its bytes are: %s", async (_, headers, body, ending) => {
  const server = await serve(body, headers as Record<string, string>);
  const { files } = await (await httpSource({ url: `${server.url}/visits.csv` })).sync();
  expect(basename(files[0]!.path)).toMatch(new RegExp(`^[0-9a-f]{64}\\${ending}$`));
});

test("a file that is not modified is not fetched again; a new one takes its place", async () => {
  let version = 1;
  const statuses: number[] = [];
  const server = await startServer((request, response) => {
    const etag = `"${version}"`;
    const isSame = request.headers["if-none-match"] === etag;
    statuses.push(isSame ? 304 : 200);
    response
      .writeHead(isSame ? 304 : 200, { etag })
      .end(isSame ? undefined : `${CSV}${version},C\n`);
  });
  const source = await httpSource({ url: `${server.url}/visits.csv` });
  const first = await source.sync();
  expect(await source.sync()).toEqual(first);
  version = 2;
  const second = await source.sync();
  expect(statuses).toEqual([200, 304, 200]);
  expect(readFileSync(second.files[0]!.path, "utf8")).toBe(`${CSV}2,C\n`);
  expect(source.names()).toEqual([basename(second.files[0]!.path), "state.json"]);
});

test("a sign-in page, an empty answer, a body beyond the limit: refused, and the old file stays", async () => {
  const html = { "content-type": "text/html" };
  let answer: readonly [string, Record<string, string>] = [CSV, {}];
  const server = await startServer(
    (_, response) => void response.writeHead(200, answer[1]).end(answer[0]),
  );
  const source = await httpSource({
    url: `${server.url}/visits.csv`,
    limits: { total_bytes: 1000 },
  });
  const { files } = await source.sync();
  const cases = [
    [["<!DOCTYPE html>", html], "BAD_INPUT", "expected csv, got HTML"],
    [["x".repeat(2000), {}], "BAD_INPUT", "expected at most 1000 bytes, got more"],
  ] as const;
  for (const [body, code, message] of cases) {
    answer = body;
    const expected = { code, message: expect.stringContaining(message) };
    await expect(source.sync()).rejects.toMatchObject(expected);
    expect(readFileSync(files[0]!.path, "utf8")).toBe(CSV);
    expect(source.names()).toEqual([basename(files[0]!.path), "state.json"]);
  }
  answer = ["", {}];
  await expect(source.sync()).rejects.toMatchObject({ code: "DATA_EMPTY" });
});

test("a download that breaks is begun again from its start", async () => {
  let attempts = 0;
  const server = await startServer((_, response) => {
    attempts += 1;
    response.writeHead(200, { "content-length": String(CSV.length) });
    if (attempts < 3) response.write(CSV.slice(0, 9), () => response.destroy());
    else response.end(CSV);
  });
  const source = await httpSource({ url: `${server.url}/visits.csv` });
  const { files } = await source.sync();
  expect(readFileSync(files[0]!.path, "utf8")).toBe(CSV);
  expect(attempts).toBe(3);
  expect(source.names()).toEqual([basename(files[0]!.path), "state.json"]);
});

test("a redirect on the same host is followed with the credentials, another number of them is not", async () => {
  const server = await startServer((request, response) => {
    const [, hops] = request.url!.match(/^\/r(\d+)/) ?? [];
    if (request.headers.authorization !== "Bearer t0p") return void response.writeHead(401).end();
    if (hops === "0" || hops === undefined) return void response.end(CSV);
    response.writeHead(302, { location: `/r${Number(hops) - 1}.csv` }).end();
  });
  const http = { auth: { bearer: "T" } };
  const env = { T: "t0p" };
  const five = await httpSource({ ...http, url: `${server.url}/r5.csv` }, { env });
  expect((await five.sync()).files[0]!.name).toBe(`${server.url}/r5.csv`);
  const six = await httpSource({ ...http, url: `${server.url}/r6.csv` }, { env });
  await expect(six.sync()).rejects.toMatchObject({
    code: "BAD_INPUT",
    message: `${server.url}/r6.csv: expected at most 5 redirects, got more`,
  });
});

test("a redirect to another host is refused; where it is allowed, credentials stay behind", async () => {
  const other = await serve(CSV);
  const server = await startServer((request, response) => {
    const key = new URL(request.url!, "http://x").searchParams.get("mykey");
    response.writeHead(302, { location: `${other.url}/visits.csv?mykey=${key}&x=1` }).end();
  });
  const http = {
    url: `${server.url}/visits.csv`,
    auth: { bearer: "T" },
    query: { mykey: { env: "K" } },
    headers: { "X-Study": "s" },
  };
  const env = { T: "t0p", K: "k3y" };
  const refused = await (await httpSource(http, { env })).sync().catch((error: unknown) => error);
  expect(refused).toMatchObject({
    code: "BAD_INPUT",
    message: `${server.url}/visits.csv: expected to be led to the same host, got ${other.url}/visits.csv?mykey=***&x=1`,
    details: { hint: expect.stringContaining(`allow_hosts: ["${other.host}"]`) },
  });
  expect(other.requests.length).toBe(0);
  const allowed = await httpSource({ ...http, allow_hosts: [other.host] }, { env });
  expect(readFileSync((await allowed.sync()).files[0]!.path, "utf8")).toBe(CSV);
  expect(other.paths()).toEqual(["/visits.csv?x=1"]);
  const { authorization, "x-study": study } = other.requests[0]!.headers;
  expect([authorization, study]).toEqual([undefined, undefined]);
});

test.each([
  ["file:///etc/passwd", "got an address of file:"],
  ["http://", "got no address"],
])("a redirect to %s is refused", async (location, message) => {
  const server = await startServer(
    (_, response) => void response.writeHead(302, { location }).end(),
  );
  await expect((await httpSource({ url: `${server.url}/a.csv`, ...ONCE })).sync()).rejects.toThrow(
    message,
  );
});
