import { createServer, type IncomingMessage, type RequestListener, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { afterEach } from "vitest";
import type { Certificate } from "./certificate.ts";

export type TestServer = Readonly<{
  /** `http://127.0.0.1:PORT`, without a slash at the end. */
  url: string;
  host: string;
  /** Every request so far. */
  requests: readonly IncomingMessage[];
  /** Path and query of every request so far. */
  paths(): string[];
}>;

const servers: Server[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  }
});

/** A real server on a free port of loopback, which ends with the test. */
export async function startServer(
  listener: RequestListener,
  certificate?: Certificate,
): Promise<TestServer> {
  const requests: IncomingMessage[] = [];
  const record: RequestListener = (request, response) => {
    requests.push(request);
    return listener(request, response);
  };
  const server =
    certificate === undefined
      ? createServer(record)
      : (createTlsServer({ cert: certificate.cert, key: certificate.key }, record) as Server);
  servers.push(server);
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const url = `${certificate === undefined ? "http" : "https"}://${host}`;
  return { url, host, requests, paths: () => requests.map((request) => request.url!) };
}
