import type { Effects } from "../core/effects.ts";
import { throwIfInterrupted } from "../core/interrupted.ts";
import { COMMON_HEADERS, type HttpAccess } from "./http-access.ts";
import { exchange, type HttpResponse } from "./http-exchange.ts";
import { HttpFault } from "./http-fault.ts";
import type { HttpParams } from "./http-params.ts";
import { proxyFault, throughProxy } from "./http-proxy.ts";
import { type Reach, resolveTarget } from "./http-redirect.ts";
import { retryDelayMs } from "./http-retry.ts";
import { openRoutes } from "./http-routes.ts";
import { statusFault } from "./http-status.ts";
import { readTls } from "./http-tls.ts";
import { isSameHost, redactUrl } from "./http-url.ts";

/** What tells whether a document is still the one that was fetched before. */
export type Validators = Readonly<{ etag: string | null; last_modified: string | null }>;

/** The validators of a part that has any. */
export function toValidators(part: Validators | undefined): Validators | undefined {
  return part?.etag == null && part?.last_modified == null ? undefined : part;
}

/** The answer to a conditional request: what was fetched before is still current. */
export const NOT_MODIFIED = Symbol("not modified");

export type HttpClient = Readonly<{
  /**
   * Gets an address, with retries and redirects, and hands the answer to `take`, which may be called
   * again when the connection breaks on the way. `at` is where redirects led.
   */
  get<T>(
    url: URL,
    validators: Validators | undefined,
    take: (response: HttpResponse, at: URL) => Promise<T>,
  ): Promise<T | typeof NOT_MODIFIED>;
  /** Where a next page is that a document names; throws HttpFault where it must not lead. */
  toTarget(target: string, from: URL): URL;
  /** The address without what is secret in it, for records and messages. */
  show(url: URL): string;
  close(): void;
}>;

type Outcome<T> = { target: URL } | { value: T | typeof NOT_MODIFIED };

const MAX_REDIRECTS = 5;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** A client for one source: one connection at a time, its pace, its credentials. */
export async function openHttpClient(
  params: HttpParams,
  access: HttpAccess,
  root: string,
  effects: Effects,
): Promise<HttpClient> {
  const { clock, signal } = effects;
  const secretNames = [...access.secretQuery.keys()];
  const reach: Reach = { home: new URL(params.url), allowHosts: params.allow_hosts, secretNames };
  const show = (url: URL) => redactUrl(url, secretNames);
  const tls = await readTls(params, access.passphrase, root, effects);
  const routes = openRoutes(tls, params.timeouts.connect_ms, access.env, clock);
  let nextStartMs = 0;

  async function keepPace(): Promise<void> {
    const rate = params.limits.requests_per_second;
    if (rate === undefined) return;
    const nowMs = clock.now().getTime();
    const startMs = Math.max(nowMs, nextStartMs);
    nextStartMs = startMs + 1000 / rate;
    if (startMs > nowMs) await clock.sleep(startMs - nowMs, signal);
    throwIfInterrupted(signal);
  }

  async function send<T>(
    url: URL,
    validators: Validators | undefined,
    use: (response: HttpResponse) => Promise<T>,
  ): Promise<T> {
    const isHome = isSameHost(reach.home, url);
    const route = routes.routeOf(url, isHome);
    const headers = {
      ...(isHome ? access.headers : COMMON_HEADERS),
      ...(validators?.etag == null ? {} : { "if-none-match": validators.etag }),
      ...(validators?.last_modified == null
        ? {}
        : { "if-modified-since": validators.last_modified }),
    };
    const take = (response: HttpResponse) => {
      if (route.proxy !== undefined && response.status === 407) throw proxyFault(route.proxy, 407);
      return use(response);
    };
    try {
      return await exchange({ route, headers, timeouts: params.timeouts }, take, effects);
    } catch (error) {
      throw throughProxy(error, route.proxy);
    }
  }

  async function follow<T>(
    url: URL,
    validators: Validators | undefined,
    take: (response: HttpResponse, at: URL) => Promise<T>,
  ): Promise<T | typeof NOT_MODIFIED> {
    let at = withSecrets(url);
    for (let hops = 0; hops <= MAX_REDIRECTS; hops++) {
      await keepPace();
      const outcome = await send<Outcome<T>>(at, validators, async (response) => {
        const { location } = response.headers;
        if (REDIRECTS.has(response.status) && location !== undefined) {
          return { target: resolveTarget(location, at, reach) };
        }
        if (response.status === 304 && validators !== undefined) return { value: NOT_MODIFIED };
        const fault = statusFault(response.status, response.headers["retry-after"], clock.now());
        if (fault !== undefined) throw fault;
        return { value: await take(response, withoutSecrets(at)) };
      });
      if ("value" in outcome) return outcome.value;
      at = isSameHost(reach.home, outcome.target) ? outcome.target : withoutSecrets(outcome.target);
    }
    throw new HttpFault({
      code: "BAD_INPUT",
      expected: `at most ${MAX_REDIRECTS} redirects`,
      got: "more",
    });
  }

  function withSecrets(url: URL): URL {
    const sent = new URL(url);
    if (!isSameHost(reach.home, url)) return sent;
    for (const [name, value] of access.secretQuery) sent.searchParams.set(name, value);
    return sent;
  }

  function withoutSecrets(url: URL): URL {
    const plain = new URL(url);
    for (const name of secretNames) plain.searchParams.delete(name);
    return plain;
  }

  return {
    async get<T>(
      url: URL,
      validators: Validators | undefined,
      take: (response: HttpResponse, at: URL) => Promise<T>,
    ): Promise<T | typeof NOT_MODIFIED> {
      const { attempts } = params.retry;
      for (let attempt = 1; ; attempt++) {
        try {
          return await follow(url, validators, take);
        } catch (error) {
          throwIfInterrupted(signal);
          if (!(error instanceof HttpFault)) throw error;
          const { isPassing, retryAfterMs, got } = error.details;
          const canRetry = isPassing === true && attempt < attempts;
          const delayMs = canRetry
            ? retryDelayMs(attempt, retryAfterMs, params.retry, Math.random())
            : undefined;
          if (delayMs === undefined) throw error.toError(show(url), tried(error, attempt));
          const wait = `again in ${(delayMs / 1000).toFixed(1)} s`;
          effects.progress.note(`${show(url)}: got ${got}; ${wait}`);
          await clock.sleep(delayMs, signal);
          throwIfInterrupted(signal);
        }
      }
    },
    toTarget: (target, from) => withoutSecrets(resolveTarget(target, from, reach)),
    show,
    close: routes.close,
  };
}

/** What a person should know of the attempts before the last fault. */
function tried({ details }: HttpFault, attempts: number): string {
  const count = attempts === 1 ? "" : ` after ${attempts} attempts`;
  if (details.retryAfterMs === undefined) return count;
  return `${count}; it asks to come back in ${Math.ceil(details.retryAfterMs / 1000)} s`;
}
