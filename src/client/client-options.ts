import { invalidArgument } from "./tracking-error.ts";

/** Where the server is, who asks, and how patiently. */
export type TrackingClientOptions = Readonly<{
  /** Address of the server, with its prefix if it has one: `http://localhost:5000`. */
  url: string;
  /** An API key or token, sent as a bearer token. */
  token?: string;
  /** Name for basic authentication, together with `password`. */
  username?: string;
  password?: string;
  /** Sent with every request, such as `X-MLFLOW-WORKSPACE`. */
  headers?: Readonly<Record<string, string>>;
  /** Another `fetch`, such as one with a proxy; by default the runtime's own. */
  fetch?: typeof globalThis.fetch;
  /** How long one try of a call may take. Default 30,000. Files take as long as they take. */
  timeoutMs?: number;
  /** How often a failed call is sent again. Default 5. */
  retries?: number;
  /** How many metric points may wait to be sent, for each run. Default 10,000. */
  queueSize?: number;
  /** How long a metric point waits for others before it is sent. Default 250. */
  batchDelayMs?: number;
  /** Hears of metric points that could not be stored, as soon as that is known. */
  onError?: (error: Error) => void;
}>;

/** What the client takes from its surroundings; tests pass their own. */
export type ClientEffects = Readonly<{
  fetch: typeof globalThis.fetch;
  sleep: (ms: number) => Promise<void>;
  random: () => number;
  now: () => number;
}>;

/** The runtime's own clock, chance and network. */
export const realClientEffects: ClientEffects = {
  fetch: (input, init) => globalThis.fetch(input, init),
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  random: Math.random,
  now: Date.now,
};

/** The options with their defaults, checked. */
export type ClientSettings = Readonly<{
  /** Without a slash at the end. */
  base: string;
  headers: Readonly<Record<string, string>>;
  timeoutMs: number;
  retries: number;
  queueSize: number;
  batchDelayMs: number;
  onError: (error: Error) => void;
}>;

/** Checks the options once; a name and password in the URL are taken as if given apart. */
export function parseClientOptions(options: TrackingClientOptions): ClientSettings {
  const url = parseUrl(options.url);
  const username = options.username ?? decodeURIComponent(url.username);
  const password = options.password ?? decodeURIComponent(url.password);
  if (options.token !== undefined && username !== "") {
    throw invalidArgument("token: expected either a token or a username, got both");
  }
  const authorization =
    options.token !== undefined
      ? `Bearer ${options.token}`
      : username === "" && password === ""
        ? undefined
        : `Basic ${base64(`${username}:${password}`)}`;
  return {
    base: `${url.origin}${url.pathname.replace(/\/+$/, "")}`,
    headers: { ...(authorization === undefined ? {} : { authorization }), ...options.headers },
    timeoutMs: wholeNumber("timeoutMs", options.timeoutMs ?? 30_000, 1),
    retries: wholeNumber("retries", options.retries ?? 5, 0),
    queueSize: wholeNumber("queueSize", options.queueSize ?? 10_000, 1),
    batchDelayMs: wholeNumber("batchDelayMs", options.batchDelayMs ?? 250, 0),
    onError: options.onError ?? ((error) => console.error(error)),
  };
}

function parseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw invalidArgument(`url: expected an http or https address, got "${text}"`);
  }
  return url;
}

function wholeNumber(name: string, value: number, least: number): number {
  if (Number.isSafeInteger(value) && value >= least) return value;
  throw invalidArgument(`${name}: expected a whole number from ${least} on, got ${value}`);
}

function base64(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}
