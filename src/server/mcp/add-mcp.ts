import type { AuthInfo, McpHttpHandler } from "@modelcontextprotocol/server";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Authenticate } from "../authenticate.ts";
import { bodyText } from "../body-text.ts";
import type { Caller } from "../caller.ts";
import { createErrorHandler } from "../respond.ts";
import { writeProblem } from "../v1/problem.ts";
import type { McpServices } from "./services.ts";

/** A tool's arguments are small: the longest is the content of a memory. */
const MAX_BODY_BYTES = 4 * 2 ** 20;
const METHODS = ["GET", "POST", "DELETE"];

/**
 * `/mcp`: the Model Context Protocol over streamable HTTP, for agents (reference: memory.md, section 5).
 * It keeps no session: each request makes a server of its own, for its caller, and the caller is who
 * the API key says. Clients of the protocol of 2025 are served the same way.
 */
export function addMcp(
  app: FastifyInstance,
  services: McpServices,
  authenticate: Authenticate,
): void {
  let handler: Promise<McpHttpHandler> | undefined;

  /** Loaded with the first request: most servers have no agents. */
  async function load(): Promise<McpHttpHandler> {
    const { createHttpHandler } = await import("./mcp-over-http.ts");
    return createHttpHandler(
      services,
      MAX_BODY_BYTES,
      (error, message) => app.log.error({ err: error }, message),
      (error) => app.log.debug({ err: error }),
    );
  }

  void app.register(async (scope) => {
    scope.setErrorHandler(
      createErrorHandler((error, request, reply) => {
        if (error.code === "UNAUTHENTICATED") reply.header("www-authenticate", "Bearer");
        return writeProblem(error, request, reply);
      }),
    );
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser<Buffer>("*", { parseAs: "buffer" }, (_request, body, done) => {
      try {
        done(null, bodyText(body)); // the protocol has an answer of its own to a body that is no JSON
      } catch (error) {
        done(error as Error);
      }
    });
    scope.addHook("preClose", async () => (await handler)?.close());
    scope.route({
      method: METHODS,
      url: "/mcp",
      bodyLimit: MAX_BODY_BYTES,
      async handler(request, reply) {
        const caller = await authenticate(request, "read");
        handler ??= load();
        const { fetch } = await handler;
        return reply.send(await fetch(toWebRequest(request, reply), { authInfo: toAuth(caller) }));
      },
    });
  });
}

/** The caller goes with the request; nothing else of it is of use to a tool, its key least of all. */
function toAuth(caller: Caller): AuthInfo {
  return { token: "", clientId: caller.actor, scopes: [caller.scope], extra: caller };
}

/** Headers that the protocol reads. */
const HEADERS = /^(accept|content-type|mcp-.+|last-event-id)$/;

function toWebRequest(request: FastifyRequest, reply: FastifyReply): Request {
  const left = new AbortController();
  reply.raw.once("close", () => left.abort());
  const headers = Object.entries(request.headers).flatMap(([name, value]): [string, string][] =>
    HEADERS.test(name) && typeof value === "string" ? [[name, value]] : [],
  );
  return new Request("http://localhost/mcp", {
    method: request.method,
    headers,
    signal: left.signal,
    ...(request.method === "POST" ? { body: (request.body as string | undefined) ?? "" } : {}),
  });
}
