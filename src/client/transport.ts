import type { ClientEffects, ClientSettings } from "./client-options.ts";
import { type Fields, toFields } from "./fields.ts";
import { decodeJson, encodeJson } from "./json.ts";
import { isPassing, retryDelayMs } from "./retry.ts";
import { TrackingError } from "./tracking-error.ts";

export type Query = Readonly<
  Record<string, string | number | bigint | undefined | readonly string[]>
>;

/** One request. Paths are below the server's address. */
export type Call = Readonly<{
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  path: string;
  query?: Query;
  /** Sent as JSON. */
  body?: unknown;
  /** Sent as it is, instead of `body`. */
  bytes?: Blob | Uint8Array<ArrayBuffer> | string | ReadableStream<Uint8Array>;
  headers?: Readonly<Record<string, string>>;
  /** False where sending it twice would make two things. */
  repeatable?: boolean;
}>;

/** Sends calls, again where that may help, and makes errors of bad replies. */
export type Transport = Readonly<{
  /** A call whose reply is a JSON object. */
  json(call: Call): Promise<Fields>;
  /** A call whose reply is a file; its body is not read yet. */
  file(call: Call): Promise<Response>;
}>;

/** A transport to one server. */
export function createTransport(settings: ClientSettings, effects: ClientEffects): Transport {
  /** Sends a call until it works, until the reply says that no more tries help, or they are used up. */
  async function attempt<T>(call: Call, read: (reply: Response) => Promise<T>): Promise<T> {
    const isStream = call.bytes instanceof ReadableStream; // read once: it cannot be sent again
    const repeatable = call.repeatable !== false;
    for (let tries = 1; ; tries++) {
      const last = isStream || tries > settings.retries;
      let retryAfter: string | null = null;
      try {
        const reply = await send(call, read);
        if (!(reply instanceof BadReply)) return reply;
        if (last || !isPassing(reply.error.status, repeatable)) throw reply.error;
        retryAfter = reply.retryAfter;
      } catch (error) {
        if (error instanceof TrackingError && error.status !== 0) throw error;
        if (last || !repeatable) throw error;
      }
      await effects.sleep(retryDelayMs(tries, retryAfter, effects.random, effects.now));
    }
  }

  async function send<T>(call: Call, read: (reply: Response) => Promise<T>): Promise<T | BadReply> {
    const cancel = new AbortController();
    // a file that goes up takes as long as it takes
    const timer =
      call.bytes === undefined ? setTimeout(() => cancel.abort(), settings.timeoutMs) : undefined;
    try {
      const reply = await effects.fetch(
        `${settings.base}${call.path}${toQuery(call.query)}`,
        toRequest(call, settings, cancel.signal),
      );
      if (reply.status === 200 || reply.status === 206) return await read(reply);
      const error = toError(call, reply.status, await reply.text());
      return new BadReply(error, reply.headers.get("retry-after"));
    } catch (error) {
      if (error instanceof TrackingError) throw error;
      const what = `${call.method} ${settings.base}${call.path}`;
      if (cancel.signal.aborted) {
        const message = `${what}: expected a reply within ${settings.timeoutMs} ms, got none`;
        throw new TrackingError(0, "TIMEOUT", message, { cause: error });
      }
      const reason = reasonOf(error);
      throw new TrackingError(0, "CONNECTION_FAILED", `${what}: ${reason}`, { cause: error });
    } finally {
      clearTimeout(timer);
    }
  }

  return {
    json: (call) =>
      attempt(call, async (reply) => toReplyFields(call, reply.status, await reply.text())),
    file: (call) => attempt(call, async (reply) => reply),
  };
}

class BadReply {
  readonly error: TrackingError;
  readonly retryAfter: string | null;

  constructor(error: TrackingError, retryAfter: string | null) {
    this.error = error;
    this.retryAfter = retryAfter;
  }
}

function toRequest(call: Call, settings: ClientSettings, signal: AbortSignal): RequestInit {
  const headers: Record<string, string> = { ...settings.headers, ...call.headers };
  const request: RequestInit & { duplex?: "half" } = { method: call.method, headers, signal };
  if (call.bytes !== undefined) {
    request.body = call.bytes;
    if (call.bytes instanceof ReadableStream) request.duplex = "half";
  } else if (call.body !== undefined) {
    headers["content-type"] = "application/json";
    request.body = encodeJson(call.body);
  }
  return request;
}

function toQuery(query: Query = {}): string {
  const pairs = Object.entries(query).flatMap(([key, value]) =>
    value === undefined ? [] : [value].flat().map((each): [string, string] => [key, String(each)]),
  );
  return pairs.length === 0 ? "" : `?${new URLSearchParams(pairs)}`;
}

/** An empty body counts as `{}`, as in MLflow's own clients. */
function toReplyFields(call: Call, status: number, text: string): Fields {
  if (text.trim() === "") return {};
  try {
    return toFields(decodeJson(text), call.path);
  } catch (error) {
    const message = `${call.method} ${call.path}: expected a JSON object, got ${text.slice(0, 200)}`;
    throw new TrackingError(status, "BAD_REPLY", message, { cause: error });
  }
}

/** The server's own words where it gave some, in MLflow's form or as a problem. */
function toError(call: Call, status: number, text: string): TrackingError {
  const what = `${call.method} ${call.path}`;
  try {
    const fields = toFields(JSON.parse(text), call.path);
    const code = fields["error_code"] ?? fields["code"];
    const message = fields["message"] ?? fields["detail"] ?? fields["title"];
    if (typeof message === "string") {
      return new TrackingError(status, typeof code === "string" ? code : `HTTP_${status}`, message);
    }
  } catch {
    // no JSON: the text is all there is
  }
  const shown = text.trim().slice(0, 200);
  return new TrackingError(status, `HTTP_${status}`, `${what}: ${status} ${shown}`.trim());
}

/** Node says only "fetch failed"; the reason is in the cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  return cause instanceof Error && cause.message !== "" ? cause.message : error.message;
}
