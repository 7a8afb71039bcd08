import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { basename, join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { type Files, nodeFiles } from "../../src/core/files.ts";
import { digestFile, digestHex } from "../../src/core/hash.ts";
import { withSource } from "../../src/table/source.ts";
import { startServer } from "../support/http-server.ts";
import { httpSource } from "./sync-http.ts";

const ROWS = Array.from({ length: 7 }, (_, i) => ({ id: i + 1, site: i % 2 === 0 ? "A" : "B" }));

function send(response: ServerResponse, body: unknown, headers: Record<string, string> = {}) {
  response.writeHead(200, { "content-type": "application/json", ...headers });
  response.end(JSON.stringify(body));
}

function queryOf(request: IncomingMessage): URLSearchParams {
  return new URL(request.url!, "http://x").searchParams;
}

test("a document with rows in it becomes one NDJSON file named by its SHA-256", async () => {
  const server = await startServer((_, response) => send(response, { data: { items: ROWS } }));
  const source = await httpSource({
    url: `${server.url}/v1?b=2`,
    query: { a: 1 },
    records: "/data/items",
  });
  const { files, format } = await source.sync();
  expect(server.paths()).toEqual(["/v1?b=2&a=1"]);
  expect(format).toBe("ndjson");
  const [file] = files;
  expect(file!.name).toBe(`${server.url}/v1?b=2&a=1`);
  expect(readFileSync(file!.path, "utf8")).toBe(
    ROWS.map((row) => `${JSON.stringify(row)}\n`).join(""),
  );
  expect(file!.path).toBe(
    join(source.folder, `${digestHex(digestFile(file!.path).digest)}.ndjson`),
  );
});

test("pages by number end at the first empty one; the size asked for is no promise", async () => {
  const server = await startServer((request, response) => {
    const page = Number(queryOf(request).get("p"));
    send(response, ROWS.slice((page - 1) * 3, page * 3)); // three, though a hundred were asked for
  });
  const pages = { by: "page", param: "p", size: { param: "per_page", value: 100 } };
  const source = await httpSource({ url: `${server.url}/v1`, pages });
  expect(await source.rows()).toEqual(ROWS);
  expect(server.paths()).toEqual([1, 2, 3, 4].map((p) => `/v1?per_page=100&p=${p}`));
});

test("pages by offset go on from the rows that came", async () => {
  const server = await startServer((request, response) => {
    const offset = Number(queryOf(request).get("offset"));
    send(response, { rows: ROWS.slice(offset, offset + 4), more: offset + 4 < ROWS.length });
  });
  const pages = { by: "offset", more: "more", size: { param: "limit", value: 4 } };
  const source = await httpSource({ url: `${server.url}/v1`, records: "rows", pages });
  expect(await source.rows()).toEqual(ROWS);
  expect(server.paths()).toEqual(["/v1?limit=4&offset=0", "/v1?limit=4&offset=4"]);
});

test("a cursor is sent back as it was written, though it is a number beyond 2^53", async () => {
  const server = await startServer((request, response) => {
    response.setHeader("content-type", "application/json");
    const isFirst = queryOf(request).get("after") === null;
    response.end(
      isFirst
        ? '{"rows": [{"id": 1}], "meta": {"next": 9007199254740993}}'
        : '{"rows": [{"id": 2}], "meta": {"next": null}}',
    );
  });
  const pages = { by: "cursor", param: "after", at: "/meta/next" };
  const source = await httpSource({ url: server.url, records: "/rows", pages });
  expect(await source.rows()).toEqual([{ id: 1 }, { id: 2 }]);
  expect(server.paths()).toEqual(["/", "/?after=9007199254740993"]);
});

test("an empty page in the middle does not end pages that say where the next one is", async () => {
  const pages: unknown[] = [
    { rows: [ROWS[0]], next: "/v1?c=1" },
    { rows: [], next: "?c=2" },
    { rows: [ROWS[1]] },
  ];
  const server = await startServer((request, response) =>
    send(response, pages[Number(queryOf(request).get("c"))]),
  );
  const source = await httpSource({
    url: `${server.url}/v1?site=A`,
    records: "rows",
    pages: { by: "next", at: "next" },
  });
  expect(await source.rows()).toEqual([ROWS[0], ROWS[1]]);
  expect(server.paths()).toEqual(["/v1?site=A", "/v1?c=1", "/v1?c=2"]);
});

test("the Link header leads from page to page", async () => {
  const server = await startServer((request, response) => {
    const page = Number(queryOf(request).get("page") ?? 1);
    const link = `<${server.url}/r?page=${page + 1}>; rel="next", <${server.url}/r?page=3>; rel="last"`;
    send(response, ROWS.slice(page - 1, page), page < 3 ? { link } : {});
  });
  const source = await httpSource({ url: `${server.url}/r`, pages: { by: "link" } });
  expect(await source.rows()).toEqual(ROWS.slice(0, 3));
});

test("pages whose rows have other keys become one table", async () => {
  const documents = [
    [{ id: 1, age: 70 }],
    [
      { id: 2, note: "late" },
      { note: null, id: 3 },
    ],
    [],
  ];
  const server = await startServer((request, response) =>
    send(response, documents[Number(queryOf(request).get("page")) - 1]),
  );
  const source = await httpSource({ url: server.url, pages: { by: "page" } });
  const { files } = await source.sync();
  const path = files[0]!.path;
  const rows = await withSource(source.engine, { path, format: "ndjson" }, [{ path }], (query) =>
    source.engine.rows(query),
  );
  expect(rows.map((row) => ({ ...row }))).toEqual([
    { id: 1, age: 70, note: null },
    { id: 2, age: null, note: "late" },
    { id: 3, age: null, note: null },
  ]);
});

test("rows since a watermark: the parameter is sent, and no row is not an error", async () => {
  const server = await startServer((request, response) => {
    const since = queryOf(request).get("updated_after");
    send(response, since === null ? ROWS : since < "2026-02" ? ROWS.slice(5) : []);
  });
  const source = await httpSource({
    url: server.url,
    records: "",
    since: { param: "updated_after" },
  });
  expect(await source.rows()).toEqual(ROWS);
  expect(await source.rows("2026-01-05 00:00:00")).toEqual(ROWS.slice(5));
  expect(await source.sync("2026-02-01 00:00:00")).toEqual({ files: [], format: "ndjson" });
  expect(server.paths()[1]).toBe("/?updated_after=2026-01-05+00%3A00%3A00");
  const full = await httpSource({ url: server.url, records: "" });
  expect(await full.rows("2026-01-05")).toEqual(ROWS);
});

test("headers and credentials come from the environment and are in no file, name or message", async () => {
  const server = await startServer((request, response) => {
    const { authorization } = request.headers;
    const isIn =
      authorization === "Bearer t0p" &&
      request.headers["x-study"] === "s3cret" &&
      queryOf(request).get("key") === "k3y";
    if (!isIn) return void response.writeHead(401).end();
    // a server that repeats the request in its link
    const next = `${server.url}${request.url}&page=2`;
    send(
      response,
      { rows: ROWS, next: request.url!.includes("page=2") ? null : next },
      { etag: '"1"' },
    );
  });
  const http = {
    url: `${server.url}/v1`,
    query: { key: { env: "API_KEY" }, site: "A" },
    headers: { "X-Study": { env: "STUDY" }, Accept: "application/json" },
    auth: { bearer: "API_TOKEN" },
    records: "rows",
    pages: { by: "next", at: "next" },
  };
  const env = { API_KEY: "k3y", STUDY: "s3cret", API_TOKEN: "t0p" };
  const source = await httpSource(http, { env });
  const { files } = await source.sync();
  expect(files[0]!.name).toBe(`${server.url}/v1?site=A`);
  const refused = await httpSource(http, { env: { ...env, API_TOKEN: "wr0ng" } });
  const error = await refused.sync().catch((reason: unknown) => reason as Error);
  expect(error).toMatchObject({ code: "SOURCE_REFUSED" });
  const written = readdirSync(source.folder).map((name) => readFileSync(join(source.folder, name)));
  const said = [
    ...source.notes,
    ...refused.notes,
    JSON.stringify(error),
    String(error),
    ...written,
  ];
  expect(said.join("\n")).not.toMatch(/t0p|s3cret|k3y|wr0ng/);
  expect(server.requests[0]!.headers.accept).toBe("application/json");
});

test("basic credentials; a variable that is not set is named before anything is sent", async () => {
  const server = await startServer((request, response) => {
    const expected = `Basic ${Buffer.from("ann:p:w").toString("base64")}`;
    return request.headers.authorization === expected
      ? send(response, ROWS)
      : void response.writeHead(403).end();
  });
  const http = { url: server.url, records: "", auth: { basic: { user: "U", password: "P" } } };
  expect(await (await httpSource(http, { env: { U: "ann", P: "p:w" } })).rows()).toEqual(ROWS);
  await expect((await httpSource(http, { env: { U: "ann" } })).sync()).rejects.toMatchObject({
    code: "CONFIG_INVALID",
    message: "sources.visits.http.auth.basic.password: expected the variable P to be set, got none",
  });
  const broken = await httpSource({ ...http, auth: { bearer: "T" } }, { env: { T: "a\nb" } });
  await expect(broken.sync()).rejects.toMatchObject({ code: "CONFIG_INVALID" });
  expect(server.requests.length).toBe(1);
});

/** An API of three pages with an ETag each, whose pages can be changed. */
async function versionedApi() {
  const pages = [ROWS.slice(0, 3), ROWS.slice(3, 5), ROWS.slice(5)];
  const statuses: number[] = [];
  const server = await startServer((request, response) => {
    const at = Number(queryOf(request).get("cursor") ?? 0);
    const body = { rows: pages[at], next: at + 1 < pages.length ? String(at + 1) : null };
    const etag = `"${JSON.stringify(body).length}-${JSON.stringify(body.rows).length}-${pages[at]![0]?.site}"`;
    const isSame = request.headers["if-none-match"] === etag;
    statuses.push(isSame ? 304 : 200);
    if (isSame) return void response.writeHead(304, { etag }).end();
    send(response, body, { etag });
  });
  const source = await httpSource({
    url: server.url,
    records: "rows",
    pages: { by: "cursor", param: "cursor", at: "next" },
  });
  return { pages, statuses, source };
}

const STAGED = [expect.stringMatching(/^[0-9a-f]{64}\.ndjson$/), "state.json"];

test("unchanged pages do not travel again, and when none has changed nothing is written", async () => {
  const { statuses, source } = await versionedApi();
  const first = await source.sync();
  const state = readFileSync(join(source.folder, "state.json"), "utf8");
  expect(await source.sync()).toEqual(first);
  expect(statuses).toEqual([200, 200, 200, 304, 304, 304]);
  expect(readFileSync(join(source.folder, "state.json"), "utf8")).toBe(state);
  expect(source.names()).toEqual(STAGED);
});

test.each([0, 1, 2])(
  "page %i changed: it alone is fetched, the others come from the file",
  async (at) => {
    const { pages, statuses, source } = await versionedApi();
    await source.sync();
    pages[at] = [{ id: 99, site: "C" }];
    const expected = pages.flat();
    expect(await source.rows()).toEqual(expected);
    expect(statuses.slice(3)).toEqual([0, 1, 2].map((i) => (i === at ? 200 : 304)));
    expect(source.names()).toEqual(STAGED);
    expect(await source.rows()).toEqual(expected);
  },
);

test("pages that are added or taken away at the end are seen", async () => {
  const { pages, source } = await versionedApi();
  await source.sync();
  pages.push([{ id: 8, site: "A" }]);
  expect(await source.rows()).toEqual(pages.flat());
  pages.length = 2;
  expect(await source.rows()).toEqual(pages.flat());
});

test("a staged file that was changed, or a state that cannot be read, costs a fetch and no row", async () => {
  const { statuses, source } = await versionedApi();
  const harms = [
    (path: string) => writeFileSync(path, "{}\n"),
    () => writeFileSync(join(source.folder, "state.json"), "{"),
    () => writeFileSync(join(source.folder, "state.json"), "{}"),
  ];
  for (const harm of harms) {
    const { files } = await source.sync();
    harm(files[0]!.path);
    statuses.length = 0;
    expect(await source.rows()).toEqual(ROWS);
    expect(statuses).toEqual([200, 200, 200]);
  }
});

test.each(["incoming", "state.json"])(
  "a full disk at %s leaves what was there, and the next run is whole",
  async (name) => {
    let isFull = false;
    const files: Files = {
      ...nodeFiles,
      publish(path, write) {
        if (!isFull || basename(path) !== name) return nodeFiles.publish(path, write);
        return nodeFiles.publish(path, async (temporary) => {
          await write(temporary);
          throw Object.assign(new Error("no space"), { code: "ENOSPC" });
        });
      },
    };
    let rows = ROWS.slice(0, 2);
    const server = await startServer((_, response) => send(response, rows));
    const source = await httpSource({ url: server.url, records: "" }, { files });
    const before = await source.sync();
    const state = readFileSync(join(source.folder, "state.json"), "utf8");
    [rows, isFull] = [ROWS, true];
    await expect(source.sync()).rejects.toMatchObject({ code: "DISK_FULL" });
    expect(readFileSync(join(source.folder, "state.json"), "utf8")).toBe(state);
    expect(readFileSync(before.files[0]!.path, "utf8").split("\n").length).toBe(3);
    isFull = false;
    expect(await source.rows()).toEqual(ROWS);
    expect(source.names()).toEqual(STAGED);
  },
);

test("Last-Modified is asked for where there is no ETag", async () => {
  const date = "Sun, 01 Feb 2026 00:00:00 GMT";
  const server = await startServer((request, response) => {
    if (request.headers["if-modified-since"] === date) return void response.writeHead(304).end();
    send(response, ROWS, { "last-modified": date });
  });
  const source = await httpSource({ url: server.url, records: "" });
  expect(await source.rows()).toEqual(ROWS);
  expect(await source.rows()).toEqual(ROWS);
  expect(server.requests.map((request) => request.headers["if-modified-since"])).toEqual([
    undefined,
    date,
  ]);
});

test("another request (query, records, since) never takes the answer of the one before", async () => {
  const server = await startServer((request, response) => {
    if (request.headers["if-none-match"] !== undefined) return void response.writeHead(304).end();
    send(response, ROWS, { etag: '"always"' });
  });
  const source = await httpSource({ url: server.url, records: "", since: { param: "s" } });
  await source.sync();
  await source.sync("2026");
  expect(server.requests[1]!.headers["if-none-match"]).toBeUndefined();
});

test("an address in which the server puts a secret is followed and not kept", async () => {
  const server = await startServer((request, response) => {
    const isFirst = !request.url!.includes("sig=");
    send(
      response,
      { rows: [ROWS[isFirst ? 0 : 1]], next: isFirst ? "/2?sig=s1gned" : null },
      { etag: '"1"' },
    );
  });
  const source = await httpSource({
    url: server.url,
    records: "rows",
    pages: { by: "next", at: "next" },
  });
  expect(await source.rows()).toEqual(ROWS.slice(0, 2));
  expect(readFileSync(join(source.folder, "state.json"), "utf8")).not.toContain("s1gned");
  expect(await source.rows()).toEqual(ROWS.slice(0, 2));
  expect(server.requests[2]!.headers["if-none-match"]).toBeUndefined();
});

test("requests keep the pace that is asked of them", async () => {
  const server = await startServer((request, response) => {
    const page = Number(queryOf(request).get("page"));
    send(response, page < 4 ? [ROWS[page]] : []);
  });
  const source = await httpSource({
    url: server.url,
    pages: { by: "page" },
    limits: { requests_per_second: 2 },
  });
  await source.sync();
  expect(source.clock.slept).toEqual([500, 500, 500]);
});

test("compressed answers are read", async () => {
  const server = await startServer((request, response) => {
    expect(request.headers["accept-encoding"]).toBe("gzip");
    response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync(JSON.stringify(ROWS)));
  });
  expect(await (await httpSource({ url: server.url, records: "" })).rows()).toEqual(ROWS);
});
