import { createServer, type IncomingMessage, type RequestListener, type Server } from "node:http";
import { createServer as createTlsServer, type Server as TlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
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

type Running = Readonly<{ server: Server | TlsServer; sockets: ReadonlySet<Duplex> }>;

const running: Running[] = [];

afterEach(async () => {
  for (const { server, sockets } of running.splice(0)) {
    server.closeAllConnections();
    for (const socket of sockets) socket.destroy();
    await new Promise((done) => server.close(done));
  }
});

/** Ends a server with the test, and the sockets that it does not know of any more. */
export function endWithTest(
  server: Server | TlsServer,
  sockets: ReadonlySet<Duplex> = new Set(),
): void {
  running.push({ server, sockets });
}

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
      : createTlsServer({ cert: certificate.cert, key: certificate.key }, record);
  endWithTest(server);
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const url = `${certificate === undefined ? "http" : "https"}://${host}`;
  return { url, host, requests, paths: () => requests.map((request) => request.url!) };
}
