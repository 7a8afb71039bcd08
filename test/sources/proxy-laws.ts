import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makeCertificate } from "../support/certificate.ts";
import { startServer } from "../support/http-server.ts";
import { httpSource, ONCE } from "./sync-http.ts";

const AUTHORITY = makeCertificate({ name: "Test authority" });
const ROWS = [{ id: 1 }, { id: 2 }];

/** What must hold of a source behind a proxy that wants `user:s3cret`. */
export function proxyLaws(start: () => Promise<Readonly<{ url: string }>>): void {
  const withLogin = (url: string, login: string) =>
    url.replace("//", login === "" ? "//" : `//${login}@`);

  /** A source of each scheme, whose server says who came. */
  async function source(
    scheme: string,
    login: string,
    more: Readonly<Record<string, string>> = {},
  ) {
    const proxy = await start();
    const certificate =
      scheme === "https"
        ? makeCertificate({ name: "api", ip: "127.0.0.1", issuer: AUTHORITY })
        : undefined;
    const server = await startServer(
      (_, response) => void response.end(JSON.stringify(ROWS)),
      certificate,
    );
    const env = { [`${scheme.toUpperCase()}_PROXY`]: withLogin(proxy.url, login), ...more };
    const tls = scheme === "https" ? { tls: { ca: "ca.pem" } } : {};
    const made = await httpSource(
      { url: `${server.url}/rows`, records: "", ...tls, ...ONCE },
      { env },
    );
    writeFileSync(join(made.root, "ca.pem"), AUTHORITY.cert);
    return { ...made, server, proxy };
  }

  test.each(["http", "https"])("rows of %s come through, again and again", async (scheme) => {
    const { rows, server } = await source(scheme, "user:s3cret");
    expect(await rows()).toEqual(ROWS);
    expect(await rows()).toEqual(ROWS);
    expect(server.paths()).toEqual(["/rows", "/rows"]);
    for (const { headers } of server.requests) {
      expect(headers).not.toHaveProperty("proxy-authorization");
      expect(headers.host).toBe(server.host);
    }
  });

  test.each(["http", "https"])("a missing password for %s is asked for", async (scheme) => {
    const { sync, server, proxy } = await source(scheme, "");
    const variable = `${scheme.toUpperCase()}_PROXY`;
    await expect(sync()).rejects.toMatchObject({
      code: "SOURCE_REFUSED",
      exitCode: 3,
      message: `${server.url}/rows: expected the proxy ${proxy.url} to let the request through, got 407 Proxy Authentication Required`,
      details: {
        hint: `put its user and password into ${variable}: http://user:password@host:port`,
      },
    });
    expect(server.requests).toEqual([]);
  });

  test.each(["http", "https"])("a wrong password for %s is refused, not shown", async (scheme) => {
    const { sync, server } = await source(scheme, "user:wr0ng");
    const error: unknown = await sync().catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: "SOURCE_REFUSED" });
    expect(JSON.stringify(error)).not.toContain("wr0ng");
    expect(server.requests).toEqual([]);
  });

  test.each(["http", "https"])("NO_PROXY leads straight to the host of %s", async (scheme) => {
    const { rows, server } = await source(scheme, "user:wr0ng", { NO_PROXY: "127.0.0.0/8" });
    expect(await rows()).toEqual(ROWS);
    expect(server.paths()).toEqual(["/rows"]);
  });
}
