import { X509Certificate } from "node:crypto";
import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import { join } from "node:path";
import { rootCertificates } from "node:tls";
import type { Effects } from "../core/effects.ts";
import { DuetMindError } from "../core/errors.ts";
import { throwIfInterrupted } from "../core/interrupted.ts";
import { COMMON_HEADERS, type HttpAccess } from "./http-access.ts";
import { exchange, type HttpResponse } from "./http-exchange.ts";
import { HttpFault } from "./http-fault.ts";
import type { HttpParams } from "./http-params.ts";
import { type Reach, resolveTarget } from "./http-redirect.ts";
import { retryDelayMs } from "./http-retry.ts";
import { statusFault } from "./http-status.ts";
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
  const ca = await readAuthorities(params, root, effects);
  const options = { keepAlive: true, maxSockets: 1 };
  const agents = {
    "http:": new HttpAgent(options),
    "https:": new HttpsAgent({ ...options, ...(ca === undefined ? {} : { ca }) }),
  };
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

  function send<T>(
    url: URL,
    validators: Validators | undefined,
    use: (response: HttpResponse) => Promise<T>,
  ): Promise<T> {
    const headers = {
      ...(isSameHost(reach.home, url) ? access.headers : COMMON_HEADERS),
      ...(validators?.etag == null ? {} : { "if-none-match": validators.etag }),
      ...(validators?.last_modified == null
        ? {}
        : { "if-modified-since": validators.last_modified }),
    };
    const agent = agents[url.protocol as keyof typeof agents];
    return exchange({ url, headers, agent, timeouts: params.timeouts }, use, effects);
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
    close() {
      agents["http:"].destroy();
      agents["https:"].destroy();
    },
  };
}

/** What a person should know of the attempts before the last fault. */
function tried({ details }: HttpFault, attempts: number): string {
  const count = attempts === 1 ? "" : ` after ${attempts} attempts`;
  if (details.retryAfterMs === undefined) return count;
  return `${count}; it asks to come back in ${Math.ceil(details.retryAfterMs / 1000)} s`;
}

/** The known authorities and those of the file; undefined leaves the choice to Node. */
async function readAuthorities(
  { tls }: HttpParams,
  root: string,
  effects: Effects,
): Promise<string[] | undefined> {
  if (tls === undefined) return undefined;
  const pem = new TextDecoder().decode(await effects.files.readBytes(join(root, tls.ca)));
  try {
    new X509Certificate(pem); // TLS itself passes over what it cannot read
  } catch (error) {
    throw new DuetMindError("BAD_INPUT", `${tls.ca}: expected certificates in PEM, got others`, {
      file: tls.ca,
      cause: error,
    });
  }
  return [...rootCertificates, pem];
}
