import { STATUS_CODES } from "node:http";
import { BlockList, isIP } from "node:net";
import type { Environment } from "../core/environment.ts";
import { DuetMindError } from "../core/errors.ts";
import { HttpFault } from "./http-fault.ts";

/** A proxy of the environment, in the manner of curl and most that came after. */
export type HttpProxy = Readonly<{
  url: URL;
  /** With the user and password of its address, where it has some. */
  headers: Readonly<Record<string, string>>;
  /** For messages: the address without them, and the variable that holds it. */
  shown: string;
  variable: string;
}>;

/** The proxy that the way to an address leads through; undefined where there is none. */
export function findProxy(address: URL, env: Environment): HttpProxy | undefined {
  const scheme = address.protocol.slice(0, -1);
  const names = [`${scheme}_proxy`, "all_proxy"].flatMap((name) => [name.toUpperCase(), name]);
  const variable = names.find((name) => (env[name] ?? "") !== "");
  if (variable === undefined) return undefined;
  if (isWithoutProxy(address, env["NO_PROXY"] || env["no_proxy"] || "")) return undefined;
  const url = toUrl(env[variable]!);
  if (url === undefined) {
    throw new DuetMindError(
      "CONFIG_INVALID",
      `${variable}: expected http://host:port or https://host:port of a proxy, got another form`,
    );
  }
  const login = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  const basic = `Basic ${Buffer.from(login).toString("base64")}`;
  const headers: Record<string, string> = login === ":" ? {} : { "proxy-authorization": basic };
  return { url, headers, shown: `${url.protocol}//${url.host}`, variable };
}

function toUrl(text: string): URL | undefined {
  const whole = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`;
  const url = URL.canParse(whole) ? new URL(whole) : undefined;
  return url !== undefined && /^https?:$/.test(url.protocol) ? url : undefined;
}

/**
 * Whether NO_PROXY names the host: itself or a domain above it (`example.org`, `.example.org`), an
 * address or a network (`10.0.0.0/8`), each also with a port, or `*` for every host.
 */
function isWithoutProxy(address: URL, list: string): boolean {
  const host = address.hostname.replace(/^\[(.*)\]$/, "$1");
  const port = address.port || (address.protocol === "https:" ? "443" : "80");
  return list.split(/[\s,]+/).some((entry) => {
    if (entry === "") return false;
    if (entry === "*") return true;
    if (entry.includes("/")) return isInNetwork(host, entry);
    const [, named = entry, only] = /^(\[[^\]]*\]|[^:]*):(\d+)$/.exec(entry) ?? [];
    if (only !== undefined && only !== port) return false;
    const name = named
      .replace(/^\[(.*)\]$/, "$1")
      .replace(/^\*?\./, "")
      .toLowerCase();
    return host === name || (isIP(host) === 0 && host.endsWith(`.${name}`));
  });
}

function isInNetwork(host: string, network: string): boolean {
  const [address = "", prefix] = network.split("/");
  const kind = isIP(address);
  if (kind === 0 || kind !== isIP(host) || !/^\d{1,3}$/.test(prefix ?? "")) return false;
  const family = kind === 4 ? "ipv4" : "ipv6";
  if (Number(prefix) > (kind === 4 ? 32 : 128)) return false;
  const networks = new BlockList();
  networks.addSubnet(address, Number(prefix), family);
  return networks.check(host, family);
}

/** What a proxy answers in place of the host. */
export function proxyFault({ shown, variable }: HttpProxy, status: number): HttpFault {
  const isLogin = status === 407 || status === 401; // the second of some, for a wrong password
  const isRefused = isLogin || status === 403;
  return new HttpFault({
    code: isRefused ? "SOURCE_REFUSED" : "SOURCE_UNAVAILABLE",
    expected: `the proxy ${shown} to let the request through`,
    got: `${status} ${STATUS_CODES[status] ?? ""}`.trim(),
    hint: isLogin
      ? `put its user and password into ${variable}: http://user:password@host:port`
      : `check ${variable}; NO_PROXY names hosts that are reached without it`,
    isPassing: status >= 500,
  });
}

/** The same fault, where it may be one of the proxy on the way. */
export function throughProxy(error: unknown, proxy: HttpProxy | undefined): unknown {
  if (proxy === undefined || !(error instanceof HttpFault)) return error;
  const { details } = error;
  if (details.expected !== "an answer") return error;
  return new HttpFault({ ...details, expected: `an answer through the proxy ${proxy.shown}` });
}
