import { type ClientRequest, request as httpRequest } from "node:http";
import { type AgentOptions, Agent as HttpsAgent, request as httpsRequest } from "node:https";
import type { Duplex } from "node:stream";
import { type ConnectionOptions, connect } from "node:tls";
import type { Clock } from "../core/clock.ts";
import { timeoutFault, toHttpFault } from "./http-fault.ts";
import { type HttpProxy, proxyFault } from "./http-proxy.ts";

type Made = (error: unknown, socket?: Duplex) => void;

/** Connections to https:// hosts through a tunnel that a proxy opens (CONNECT); TLS is with the host. */
export class TunnelAgent extends HttpsAgent {
  readonly #proxy: HttpProxy;
  readonly #connectMs: number;
  readonly #clock: Clock;
  readonly #pending = new Set<ClientRequest>();

  constructor(options: AgentOptions, proxy: HttpProxy, connectMs: number, clock: Clock) {
    super(options);
    this.#proxy = proxy;
    this.#connectMs = connectMs;
    this.#clock = clock;
  }

  override createConnection(options: ConnectionOptions, made: Made): undefined {
    const { url, headers } = this.#proxy;
    const target = `${options.host?.includes(":") ? `[${options.host}]` : options.host}:${options.port}`;
    const start = url.protocol === "https:" ? httpsRequest : httpRequest;
    const request = start(url, {
      method: "CONNECT",
      path: target,
      headers: { host: target, ...headers },
      agent: false,
      // the authorities are for the proxy too, the certificate of a client is for the host alone
      ...(options.ca === undefined ? {} : { ca: options.ca }),
    });
    this.#pending.add(request);
    const seconds = this.#connectMs / 1000;
    const endWait = this.#clock.after(this.#connectMs, () =>
      request.destroy(timeoutFault(`no connection for ${seconds} s`)),
    );
    const end = () => {
      endWait();
      this.#pending.delete(request);
    };
    request.once("connect", (response, socket) => {
      end();
      const status = response.statusCode ?? 0;
      if (status >= 200 && status < 300) return made(null, connect({ ...options, socket }));
      socket.destroy();
      made(proxyFault(this.#proxy, status));
    });
    request.once("response", (response) => {
      end();
      request.destroy();
      made(proxyFault(this.#proxy, response.statusCode ?? 0));
    });
    request.on("error", (error) => {
      end();
      made(toHttpFault(error));
    });
    request.end();
  }

  override destroy(): void {
    for (const request of this.#pending) request.destroy();
    super.destroy();
  }
}
