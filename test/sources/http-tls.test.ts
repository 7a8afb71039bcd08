import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makeCertificate } from "../support/certificate.ts";
import { startServer } from "../support/http-server.ts";
import { httpSource } from "./sync-http.ts";

const AUTHORITY = makeCertificate({ name: "Test authority" });
const ROWS = [{ id: 1 }];

function good() {
  return makeCertificate({ name: "api", ip: "127.0.0.1", issuer: AUTHORITY });
}

/** A TLS server with this certificate, and a source that trusts the test's authority unless told. */
async function tlsSource(certificate: ReturnType<typeof makeCertificate>, trusts = true) {
  const server = await startServer(
    (_, response) => void response.end(JSON.stringify(ROWS)),
    certificate,
  );
  const tls = trusts ? { tls: { ca: "ca.pem" } } : {};
  const source = await httpSource({ url: server.url, records: "", ...tls });
  writeFileSync(join(source.root, "ca.pem"), AUTHORITY.cert);
  return { server, source };
}

test("an authority of one's own is trusted by its file", async () => {
  const { source } = await tlsSource(good());
  expect(await source.rows()).toEqual(ROWS);
});

test.each([
  ["an unknown authority", good(), false, "a certificate of an unknown authority"],
  [
    "an expired certificate",
    makeCertificate({
      name: "api",
      ip: "127.0.0.1",
      issuer: AUTHORITY,
      notAfter: "20010101000000Z",
    }),
    true,
    "a certificate that has expired",
  ],
  [
    "another name",
    makeCertificate({ name: "api", dns: "api.example.org", issuer: AUTHORITY }),
    true,
    "a certificate for another name",
  ],
  [
    "a self-signed one",
    makeCertificate({ name: "api", ip: "127.0.0.1" }),
    true,
    "a self-signed certificate",
  ],
])("%s is refused at once", async (_, certificate, trusts, got) => {
  const { server, source } = await tlsSource(certificate, trusts);
  await expect(source.sync()).rejects.toMatchObject({
    code: "SOURCE_UNAVAILABLE",
    exitCode: 3,
    message: `${server.url}/: expected a trusted TLS connection, got ${got}`,
    details: { hint: expect.stringContaining("tls: {ca: FILE.pem}") },
  });
  expect(source.clock.slept).toEqual([]);
  expect(server.requests.length).toBe(0);
});

test("TLS towards a server that has none", async () => {
  const server = await startServer((_, response) => void response.end());
  const source = await httpSource({ url: server.url.replace("http:", "https:"), records: "" });
  await expect(source.sync()).rejects.toMatchObject({
    code: "SOURCE_UNAVAILABLE",
    message: expect.stringContaining("expected a trusted TLS connection, got a TLS failure"),
  });
});

test("a redirect or a next page from https to http is refused", async () => {
  const plain = await startServer((_, response) => void response.end(JSON.stringify(ROWS)));
  const server = await startServer((request, response) => {
    if (request.url === "/redirect")
      return void response.writeHead(302, { location: plain.url }).end();
    response.end(JSON.stringify({ rows: ROWS, next: plain.url }));
  }, good());
  for (const path of ["/redirect", "/pages"]) {
    const source = await httpSource({
      url: server.url + path,
      records: "rows",
      pages: { by: "next", at: "next" },
      tls: { ca: "ca.pem" },
      allow_hosts: [plain.host],
    });
    writeFileSync(join(source.root, "ca.pem"), AUTHORITY.cert);
    await expect(source.sync()).rejects.toMatchObject({
      code: "BAD_INPUT",
      message: expect.stringContaining(`${plain.url}/, which gives up TLS`),
    });
  }
  expect(plain.requests.length).toBe(0);
});

test("a file of authorities that is missing or holds none", async () => {
  const source = await httpSource({
    url: "https://127.0.0.1:9/",
    records: "",
    tls: { ca: "ca.pem" },
  });
  await expect(source.sync()).rejects.toMatchObject({ code: "FILE_NOT_FOUND" });
  for (const text of ["hello", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"]) {
    writeFileSync(join(source.root, "ca.pem"), text);
    await expect(source.sync()).rejects.toMatchObject({
      code: "BAD_INPUT",
      message: "ca.pem: expected certificates in PEM, got others",
    });
  }
});
