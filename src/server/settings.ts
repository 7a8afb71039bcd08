import type { Writable } from "node:stream";

/** How a server behaves; where it listens is `listen`'s matter. */
export type ServerSettings = Readonly<{
  /** Host headers that are answered: names, `*` for any characters, with or without a port. */
  allowedHosts: readonly string[];
  /** Origins, beside those of this machine, that may send writes from a browser. */
  allowedOrigins: readonly string[];
  /** Refuses callers without an API key even where no key was made; see authenticate.ts. */
  keysRequired: boolean;
  /** Who acts when no key has to be shown. */
  anonymous: string;
  /** Whose memory a caller has whose key does not say. */
  memory: Readonly<{ tenant: string; agent: string }>;
  maxBodyBytes: number;
  /** How long a body may take to arrive, and a stream may stand still. */
  requestTimeoutMs: number;
  /** How long requests that are under way may go on when the server stops. */
  drainMs: number;
  /** A path before every route, such as `/mlflow`; empty for none. */
  prefix: string;
  log: Readonly<{ level: string; stream: Writable }>;
}>;

/** This machine and private networks, as MLflow's own server allows (reference: mlflow.md, section 10). */
export const DEFAULT_ALLOWED_HOSTS: readonly string[] = [
  ...["localhost", "127.0.0.1", "[::1]", "0.0.0.0"],
  ...["192.168.*", "10.*", ...Array.from({ length: 16 }, (_, i) => `172.${16 + i}.*`)],
];

export const DEFAULT_MAX_BODY_BYTES = 32 * 2 ** 20;
export const DEFAULT_REQUEST_TIMEOUT_MS = 120_000;
export const DEFAULT_DRAIN_MS = 30_000;
