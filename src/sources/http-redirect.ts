import { HttpFault } from "./http-fault.ts";
import { isHttp, isSameHost, redactUrl } from "./http-url.ts";

/** Hosts that a source may reach, its own and those that are named; and what to hide of an address. */
export type Reach = Readonly<{
  home: URL;
  allowHosts: readonly string[];
  secretNames: readonly string[];
}>;

/**
 * Where a redirect or a next page leads, seen from the address that said so. Another host is refused
 * unless it is named, and so is http:// after https://: both would hand the data to somebody else.
 */
export function resolveTarget(
  target: string,
  from: URL,
  { home, allowHosts, secretNames }: Reach,
): URL {
  const show = (url: URL) => redactUrl(url, secretNames);
  const refuse = (got: string, hint?: string) =>
    new HttpFault({
      code: "BAD_INPUT",
      expected: "to be led to the same host",
      got,
      ...(hint === undefined ? {} : { hint }),
    });
  if (!URL.canParse(target, from.href)) throw refuse(`no address but ${target.length} characters`);
  const url = new URL(target, from);
  url.username = "";
  url.password = "";
  url.hash = "";
  if (!isHttp(url)) throw refuse(`an address of ${url.protocol}`);
  if (from.protocol === "https:" && url.protocol === "http:") {
    throw refuse(`${show(url)}, which gives up TLS`);
  }
  if (isSameHost(home, url) || allowHosts.includes(url.host)) return url;
  throw refuse(
    show(url),
    `if this host is to be trusted with the request, add it: allow_hosts: [${JSON.stringify(url.host)}]`,
  );
}
