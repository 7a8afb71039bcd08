import { createServer, request as httpRequest, type RequestListener } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { type AddressInfo, connect, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { Certificate } from "./certificate.ts";
import { endWithTest } from "./http-server.ts";

export type TestProxy = Readonly<{
  /** The address without a user. */
  url: string;
  /** Method and target of every request, in their order. */
  seen: readonly string[];
}>;

type ProxyOptions = Readonly<{
  /** `user:password` that it wants to hear. */
  login?: string;
  /** What it answers in place of the host. */
  status?: number;
  /** Takes requests and never answers. */
  isSilent?: boolean;
  certificate?: Certificate;
}>;

/** A proxy on loopback: forwards http:// requests and opens tunnels. */
export async function startProxy(options: ProxyOptions = {}): Promise<TestProxy> {
  const seen: string[] = [];
  const wanted = options.login && `Basic ${Buffer.from(options.login).toString("base64")}`;
  const refusal = (given: string | undefined) =>
    options.status ?? (wanted !== undefined && given !== wanted ? 407 : undefined);

  const forward: RequestListener = (request, response) => {
    seen.push(`${request.method} ${request.url}`);
    const { "proxy-authorization": given, ...headers } = request.headers;
    const status = refusal(given);
    if (status !== undefined) return void response.writeHead(status).end();
    const onward = httpRequest(request.url!, { headers, agent: false }, (answer) => {
      response.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(response);
    });
    request.pipe(onward);
  };
  const { certificate } = options;
  const server =
    certificate === undefined
      ? createServer(forward)
      : createTlsServer({ cert: certificate.cert, key: certificate.key }, forward);
  const sockets = new Set<Duplex>();
  server.on("connect", (request, socket: Socket, head: Buffer) => {
    sockets.add(socket);
    seen.push(`CONNECT ${request.url}`);
    if (options.isSilent === true) return;
    const status = refusal(request.headers["proxy-authorization"]);
    if (status !== undefined) return void socket.end(`HTTP/1.1 ${status} No\r\n\r\n`);
    const [host, port] = request.url!.split(":");
    const onward = connect(Number(port), host, () => {
      socket.write("HTTP/1.1 200 OK\r\n\r\n");
      onward.write(head);
      onward.pipe(socket).pipe(onward);
    });
    for (const each of [socket, onward]) each.on("error", () => {}); // either side may leave
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  endWithTest(server, sockets);
  const { port } = server.address() as AddressInfo;
  return { url: `${certificate === undefined ? "http" : "https"}://127.0.0.1:${port}`, seen };
}
