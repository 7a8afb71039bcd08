import { Agent as HttpAgent, type OutgoingHttpHeaders } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import type { Clock } from "../core/clock.ts";
import type { Environment } from "../core/environment.ts";
import { findProxy, type HttpProxy } from "./http-proxy.ts";
import type { TlsFiles } from "./http-tls.ts";
import { TunnelAgent } from "./http-tunnel.ts";

/** How a request gets to its host. */
export type HttpRoute = Readonly<{
  /** What is connected to: the host, or a proxy that asks it. */
  to: URL;
  agent: HttpAgent | HttpsAgent;
  /** What a proxy wants to be told beside the request. */
  asked: Readonly<{ path?: string; headers?: OutgoingHttpHeaders }>;
  proxy: HttpProxy | undefined;
}>;

export type HttpRoutes = Readonly<{
  /** `isHome` for the host of the source, which alone may see who we are. */
  routeOf(url: URL, isHome: boolean): HttpRoute;
  close(): void;
}>;

/** The ways of one source, each kept open for the next request: one connection at a time. */
export function openRoutes(
  { trust, identity }: TlsFiles,
  connectMs: number,
  env: Environment,
  clock: Clock,
): HttpRoutes {
  const agents = new Map<string, HttpAgent | HttpsAgent>();
  const once = { keepAlive: true, maxSockets: 1 };

  function agentOf<T extends HttpAgent | HttpsAgent>(name: string, open: () => T): T {
    const known = agents.get(name) as T | undefined;
    const agent = known ?? open();
    agents.set(name, agent);
    return agent;
  }

  return {
    routeOf(url, isHome) {
      const proxy = findProxy(url, env);
      const isTls = url.protocol === "https:";
      const tls = { ...once, ...trust, ...(isHome ? identity : {}) };
      const name = `${isTls ? `tls ${isHome}` : "plain"} ${proxy?.url.href ?? ""}`;
      if (proxy === undefined) {
        const agent = agentOf(name, () => (isTls ? new HttpsAgent(tls) : new HttpAgent(once)));
        return { to: url, agent, asked: {}, proxy };
      }
      if (isTls) {
        const agent = agentOf(name, () => new TunnelAgent(tls, proxy, connectMs, clock));
        return { to: url, agent, asked: {}, proxy };
      }
      const agent = agentOf(name, () =>
        proxy.url.protocol === "https:"
          ? new HttpsAgent({ ...once, ...trust })
          : new HttpAgent(once),
      );
      const headers = { host: url.host, ...proxy.headers };
      return { to: proxy.url, agent, asked: { path: url.href, headers }, proxy };
    },
    close() {
      for (const agent of agents.values()) agent.destroy();
    },
  };
}
