import {
  type ClientRequest,
  request as httpRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
} from "node:http";
import { request as httpsRequest } from "node:https";
import type { Effects } from "../core/effects.ts";
import { decode } from "./http-decode.ts";
import { type HttpFault, timeoutFault, toHttpFault } from "./http-fault.ts";
import type { HttpParams } from "./http-params.ts";
import type { HttpRoute } from "./http-routes.ts";

/**
 * One request and its answer over Node's own client, which shows what `fetch` hides: connecting,
 * authorities, each chunk as it comes. Three alarms watch it: to connect, between bytes, in all.
 */
export type HttpRequest = Readonly<{
  route: HttpRoute;
  headers: Readonly<Record<string, string>>;
  timeouts: HttpParams["timeouts"];
}>;

export type HttpResponse = Readonly<{
  status: number;
  headers: IncomingHttpHeaders;
  /** Without its content encoding; reading it throws HttpFault. */
  body: AsyncIterable<Uint8Array>;
}>;

/** Hands the answer to `use`, whose end is the end of the exchange. Throws HttpFault. */
export async function exchange<T>(
  { route: { to, agent, asked }, headers, timeouts }: HttpRequest,
  use: (response: HttpResponse) => Promise<T>,
  { clock, signal }: Effects,
): Promise<T> {
  const start = to.protocol === "https:" ? httpsRequest : httpRequest;
  const request = start(to, { agent, ...asked, headers: { ...headers, ...asked.headers } });
  let response: IncomingMessage | undefined;
  let fault: HttpFault | undefined;
  let giveUp: (why: HttpFault) => void = () => {};
  // a request that waits for a tunnel says nothing of its end
  const stopped = new Promise<never>((_, reject) => {
    giveUp = reject;
  });
  stopped.catch(() => {});
  const stop = (why: HttpFault) => {
    fault ??= why;
    (response ?? request).destroy(why);
    giveUp(why);
  };
  const alarm = (ms: number, what: string) =>
    clock.after(ms, () => stop(timeoutFault(`${what} for ${ms / 1000} s`)));
  const onAbort = () => stop(timeoutFault("a request to stop"));
  signal.addEventListener("abort", onAbort, { once: true });
  const endTotal = clock.after(timeouts.total_ms, () =>
    stop(timeoutFault(`no end of it in ${timeouts.total_ms / 1000} s`)),
  );
  const isIdle = () => alarm(timeouts.idle_ms, "no byte");
  const endWait = watchStart(request, isIdle, () => alarm(timeouts.connect_ms, "no connection"));
  try {
    response = await Promise.race([answerOf(request), stopped]);
    endWait();
    const body = decode(chunksOf(response, isIdle), response.headers["content-encoding"]);
    return await use({ status: response.statusCode ?? 0, headers: response.headers, body });
  } catch (error) {
    throw fault ?? toHttpFault(error);
  } finally {
    endWait();
    endTotal();
    signal.removeEventListener("abort", onAbort);
    // what was read to its end leaves the connection for the next request
    if (response?.complete === true) response.resume();
    else request.destroy();
  }
}

/** One alarm until the connection stands, then another until the answer begins. */
function watchStart(request: ClientRequest, isIdle: () => () => void, connect: () => () => void) {
  let end = connect();
  let isOver = false;
  const onConnected = () => {
    end();
    if (!isOver) end = isIdle();
  };
  request.once("socket", (socket) => {
    if (request.reusedSocket) onConnected();
    else socket.once("encrypted" in socket ? "secureConnect" : "connect", onConnected);
  });
  return () => {
    isOver = true;
    end();
  };
}

function answerOf(request: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request.once("response", (response) => {
      // an error that comes when nobody reads any more must not end the process
      response.on("error", () => {});
      resolve(response);
    });
    request.on("error", reject);
    request.end();
  });
}

/** The idle alarm is set only while a chunk is waited for, never while one is being worked on. */
async function* chunksOf(
  response: IncomingMessage,
  isIdle: () => () => void,
): AsyncGenerator<Uint8Array> {
  const chunks = response[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
  try {
    for (;;) {
      const end = isIdle();
      const next = await chunks.next().finally(end);
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    await chunks.return?.();
  }
}
