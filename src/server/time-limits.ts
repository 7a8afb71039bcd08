import { Socket } from "node:net";
import type { FastifyInstance } from "fastify";

declare module "fastify" {
  interface FastifyContextConfig {
    /** Whose body or reply is as long as it likes, and is moved piece by piece. */
    streams?: boolean;
  }
}

/**
 * How long a client may keep the server waiting. A body that is read as a whole has the limit for all
 * of it, so that nobody holds memory by sending a byte a minute. A stream, such as an artifact of many
 * gigabytes, may take as long as bytes move: there the limit is one of silence on the connection, up or
 * down, after which Node closes it.
 *
 * Node's own limit (`server.requestTimeout`) is of the first kind for every request, so it stays off.
 */
export function addTimeLimits(app: FastifyInstance, limitMs: number): void {
  app.addHook("onRequest", async (request) => {
    const { raw } = request;
    if (!(raw.socket instanceof Socket)) return; // asked in process
    if (request.routeOptions.config.streams === true) {
      raw.socket.setTimeout(limitMs);
      return;
    }
    if (raw.headers["transfer-encoding"] === undefined && !hasLength(raw.headers)) return;
    const timer = setTimeout(() => {
      // what Node does when its own limit is over: answers 408 and closes
      const error = Object.assign(new Error("request timeout"), { code: LATE });
      app.server.emit("clientError", error, raw.socket);
    }, limitMs);
    raw.once("end", () => clearTimeout(timer)).once("close", () => clearTimeout(timer));
  });
}

const LATE = "ERR_HTTP_REQUEST_TIMEOUT";

function hasLength(headers: Readonly<{ "content-length"?: string | undefined }>): boolean {
  return Number(headers["content-length"] ?? 0) > 0;
}
