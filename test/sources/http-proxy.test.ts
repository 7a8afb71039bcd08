import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { findProxy } from "../../src/sources/http-proxy.ts";
import { makeCertificate } from "../support/certificate.ts";
import { startProxy } from "../support/http-proxy.ts";
import { startServer } from "../support/http-server.ts";
import { proxyLaws } from "./proxy-laws.ts";
import { httpSource, ONCE } from "./sync-http.ts";

const ROWS = [{ id: 1 }];

describe("a proxy that wants a login", () => proxyLaws(() => startProxy({ login: "user:s3cret" })));

const PROXY = { HTTPS_PROXY: "http://proxy:3128" };

test.each([
  ["https://api.example.org/", PROXY, "http://proxy:3128"],
  ["http://api.example.org/", PROXY, undefined],
  ["http://api.example.org/", { http_proxy: "proxy:3128" }, "http://proxy:3128"],
  ["http://api.example.org/", { ALL_PROXY: "https://u:p@proxy" }, "https://proxy"],
  ["https://api.example.org/", { ...PROXY, NO_PROXY: "*" }, undefined],
  ["https://api.example.org/", { ...PROXY, no_proxy: "other.org, example.org" }, undefined],
  ["https://api.example.org/", { ...PROXY, NO_PROXY: ".example.org" }, undefined],
  ["https://api.example.org/", { ...PROXY, NO_PROXY: "*.example.org" }, undefined],
  ["https://badexample.org/", { ...PROXY, NO_PROXY: "example.org" }, "http://proxy:3128"],
  ["https://api.example.org/", { ...PROXY, NO_PROXY: "api.example.org:443" }, undefined],
  [
    "https://api.example.org:8443/",
    { ...PROXY, NO_PROXY: "api.example.org:443" },
    "http://proxy:3128",
  ],
  ["https://10.1.2.3/", { ...PROXY, NO_PROXY: "10.0.0.0/8" }, undefined],
  ["https://11.1.2.3/", { ...PROXY, NO_PROXY: "10.0.0.0/8" }, "http://proxy:3128"],
  ["https://11.1.2.3/", { ...PROXY, NO_PROXY: "10.0.0.0/99, 2.3" }, "http://proxy:3128"],
  ["https://[fd00::1]/", { ...PROXY, NO_PROXY: "fd00::/8" }, undefined],
  ["https://[fd00::1]:8443/", { ...PROXY, NO_PROXY: "[fd00::1]:8443" }, undefined],
  ["https://api.example.org/", { HTTPS_PROXY: "" }, undefined],
])("%s under %j goes through %s", (address, env, proxy) => {
  expect(findProxy(new URL(address), env)?.shown).toBe(proxy);
});

test("a proxy of another kind is refused, its address not shown", async () => {
  const env = { HTTP_PROXY: "socks5://me:s3cret@proxy:1080" };
  const source = await httpSource({ url: "http://api.example.org/" }, { env });
  await expect(source.sync()).rejects.toMatchObject({
    code: "CONFIG_INVALID",
    message:
      "HTTP_PROXY: expected http://host:port or https://host:port of a proxy, got another form",
  });
});

test.each(["http", "https"])("a proxy that is away is named, for %s", async (scheme) => {
  const env = { ALL_PROXY: "http://127.0.0.1:9" };
  const url = `${scheme}://api.example.org/`;
  const source = await httpSource({ url, records: "", ...ONCE }, { env });
  await expect(source.sync()).rejects.toMatchObject({
    code: "SOURCE_UNAVAILABLE",
    message: `${url}: expected an answer through the proxy http://127.0.0.1:9, got a refused connection`,
  });
});

test.each([
  [403, "SOURCE_REFUSED", "403 Forbidden"],
  [502, "SOURCE_UNAVAILABLE", "502 Bad Gateway"],
])("a tunnel that a proxy answers with %i", async (status, code, got) => {
  const proxy = await startProxy({ status });
  const env = { HTTPS_PROXY: proxy.url };
  const source = await httpSource(
    { url: "https://api.example.org/", records: "", retry: { attempts: 2 } },
    { env },
  );
  const after = status === 502 ? " after 2 attempts" : "";
  await expect(source.sync()).rejects.toMatchObject({
    code,
    message: `https://api.example.org/: expected the proxy ${proxy.url} to let the request through, got ${got}${after}`,
    details: { hint: "check HTTPS_PROXY; NO_PROXY names hosts that are reached without it" },
  });
  expect(proxy.seen.length).toBe(status === 502 ? 2 : 1);
});

test("Ctrl-C ends the wait for a silent proxy", async () => {
  const proxy = await startProxy({ isSilent: true });
  const url = "https://api.example.org/";
  const source = await httpSource({ url, records: "" }, { env: { HTTPS_PROXY: proxy.url } });
  const synced = source.sync();
  await expect.poll(() => proxy.seen).toEqual(["CONNECT api.example.org:443"]);
  source.abort();
  await expect(synced).rejects.toMatchObject({ code: "INTERRUPTED" });
});

test("a proxy that speaks TLS itself", async () => {
  const authority = makeCertificate({ name: "Test authority" });
  const certificate = makeCertificate({ name: "p", ip: "127.0.0.1", issuer: authority });
  const proxy = await startProxy({ certificate });
  const plain = await startServer((_, response) => void response.end(JSON.stringify(ROWS)));
  const secure = await startServer(
    (_, response) => void response.end(JSON.stringify(ROWS)),
    certificate,
  );
  for (const server of [plain, secure]) {
    const http = { url: `${server.url}/`, records: "", tls: { ca: "ca.pem" }, ...ONCE };
    const source = await httpSource(http, { env: { ALL_PROXY: proxy.url } });
    writeFileSync(join(source.root, "ca.pem"), authority.cert);
    expect(await source.rows()).toEqual(ROWS);
  }
  expect(proxy.seen).toEqual([`GET ${plain.url}/`, `CONNECT ${secure.host}`]);
});
