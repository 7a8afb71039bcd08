import { createPrivateKey } from "node:crypto";
import { writeFileSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { TLSSocket } from "node:tls";
import { expect, test } from "vitest";
import { type Certificate, makeCertificate } from "../support/certificate.ts";
import { endWithTest, startServer } from "../support/http-server.ts";
import { httpSource, ONCE } from "./sync-http.ts";

const AUTHORITY = makeCertificate({ name: "Test authority" });
const STRANGER = makeCertificate({ name: "Another authority" });
const CLIENT = makeCertificate({ name: "clinic-7", dns: "clinic-7", issuer: AUTHORITY });
const SERVER = makeCertificate({ name: "api", ip: "127.0.0.1", issuer: AUTHORITY });

/** A server that lets in who shows a certificate of the authority, and says whom it saw. */
async function startMutual(redirect?: string): Promise<string> {
  const { cert, key } = SERVER;
  const server = createServer(
    { cert, key, ca: AUTHORITY.cert, requestCert: true, rejectUnauthorized: true },
    (request, response) => {
      const { subject } = (request.socket as TLSSocket).getPeerCertificate();
      if (redirect !== undefined) response.writeHead(302, { location: redirect });
      response.end(JSON.stringify([{ name: subject.CN }]));
    },
  );
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  endWithTest(server);
  return `https://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

type Files = Readonly<{ cert?: string; key?: string; passphrase?: string }>;

async function source(url: string, client: Certificate, tls: Files, more = {}) {
  const http = { url, records: "", tls: { ca: "ca.pem", ...tls }, ...ONCE, ...more };
  const made = await httpSource(http, { env: { KEY_WORD: "s3cret" } });
  const locked = createPrivateKey(client.key).export({
    ...{ type: "pkcs8", format: "pem" },
    ...{ cipher: "aes-256-cbc", passphrase: "s3cret" },
  });
  const files = { "ca.pem": AUTHORITY.cert, "me.pem": client.cert, "me.key": client.key };
  for (const [name, text] of Object.entries({ ...files, "locked.key": String(locked) })) {
    writeFileSync(join(made.root, name), text);
  }
  return made;
}

test.each([
  ["a key", { cert: "me.pem", key: "me.key" }],
  ["a key under a passphrase", { cert: "me.pem", key: "locked.key", passphrase: "KEY_WORD" }],
])("a client certificate with %s lets the source in", async (_, tls) => {
  const { rows } = await source(await startMutual(), CLIENT, tls);
  expect(await rows()).toEqual([{ name: "clinic-7" }]);
});

test("without one, or with one of another authority, the server closes the door", async () => {
  const url = await startMutual();
  const stranger = makeCertificate({ name: "clinic-7", dns: "clinic-7", issuer: STRANGER });
  for (const tls of [{}, { cert: "me.pem", key: "me.key" }]) {
    const { sync } = await source(url, stranger, tls);
    await expect(sync()).rejects.toMatchObject({ code: "SOURCE_UNAVAILABLE", exitCode: 3 });
  }
});

test("the certificate is shown to the host of the source alone", async () => {
  const seen: unknown[] = [];
  const other = createServer(
    {
      cert: SERVER.cert,
      key: SERVER.key,
      ca: AUTHORITY.cert,
      requestCert: true,
      rejectUnauthorized: false,
    },
    (request, response) => {
      seen.push((request.socket as TLSSocket).getPeerCertificate());
      response.end("[]");
    },
  );
  await new Promise<void>((done) => other.listen(0, "127.0.0.1", done));
  endWithTest(other);
  const host = `127.0.0.1:${(other.address() as AddressInfo).port}`;
  const url = await startMutual(`https://${host}/`);
  const { sync } = await source(
    url,
    CLIENT,
    { cert: "me.pem", key: "me.key" },
    { allow_hosts: [host] },
  );
  await expect(sync()).rejects.toMatchObject({ code: "DATA_EMPTY" });
  expect(seen).toEqual([{}]);
});

test.each([
  [{ cert: "me.key", key: "me.key" }, "me.key: expected certificates in PEM, got others"],
  [
    { cert: "me.pem", key: "me.pem" },
    "me.pem: expected a private key in PEM, or its passphrase, got others",
  ],
  [
    { cert: "me.pem", key: "locked.key" },
    "locked.key: expected a private key in PEM, or its passphrase, got others",
  ],
  [{ cert: "ca.pem", key: "me.key" }, "me.key: expected the key of ca.pem, got another one"],
])("files %j that do not fit", async (tls, message) => {
  const { sync } = await source("https://127.0.0.1:9/", CLIENT, tls);
  await expect(sync()).rejects.toMatchObject({ code: "BAD_INPUT", message });
});

test("a certificate needs its key, and a passphrase its variable", async () => {
  const server = await startServer((_, response) => void response.end("[]"));
  await expect(source(server.url, CLIENT, { cert: "me.pem" })).rejects.toThrow(
    "expected cert and key together",
  );
  const { sync } = await source(server.url, CLIENT, {
    ...{ cert: "me.pem", key: "locked.key", passphrase: "NO_WORD" },
  });
  await expect(sync()).rejects.toMatchObject({
    code: "CONFIG_INVALID",
    message:
      "sources.visits.http.tls.passphrase: expected the variable NO_WORD to be set, got none",
  });
});
