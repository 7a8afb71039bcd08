import type { FastifyInstance } from "fastify";
import type { ServerSettings } from "./settings.ts";

const OPEN_PATHS = new Set(["/health", "/version"]);
const SAFE_METHODS = new Set(["GET", "HEAD", "OPTIONS"]);
const OWN_ORIGIN = /^https?:\/\/(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/;

/**
 * Keeps pages of other sites out: a name that somebody else's DNS points here is refused by its Host
 * header, and a write that a browser sends for another origin by its Origin (reference: mlflow.md,
 * section 10).
 */
export function addGuard(app: FastifyInstance, settings: ServerSettings): void {
  const hosts = settings.allowedHosts.map(toHostPattern);
  const origins = new Set(settings.allowedOrigins);
  const isAllowedOrigin = (origin: string) => OWN_ORIGIN.test(origin) || origins.has(origin);

  app.addHook("onRequest", async (request, reply) => {
    reply.header("x-content-type-options", "nosniff");
    reply.header("x-frame-options", "SAMEORIGIN");
    reply.header("x-request-id", request.id);
    const path = request.url.split("?", 1)[0]!.slice(settings.prefix.length);
    const host = request.headers.host ?? "";
    if (!OPEN_PATHS.has(path) && !hosts.some((pattern) => pattern.test(host))) {
      return reply
        .code(403)
        .type("text/plain; charset=utf-8")
        .send("Invalid Host header - possible DNS rebinding attack detected");
    }
    const { origin } = request.headers;
    if (origin === undefined) return;
    const preflight =
      request.method === "OPTIONS" &&
      request.headers["access-control-request-method"] !== undefined;
    const allowed = isAllowedOrigin(origin);
    if (preflight) {
      if (!allowed) return reply.code(400).type("text/plain").send("Disallowed CORS origin");
      return reply
        .headers(corsHeaders(origin))
        .header("access-control-allow-methods", "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT")
        .header(
          "access-control-allow-headers",
          request.headers["access-control-request-headers"] ?? "*",
        )
        .header("access-control-max-age", "600")
        .type("text/plain")
        .send("OK");
    }
    if (!allowed && !SAFE_METHODS.has(request.method)) {
      return reply.code(403).type("text/plain").send("Cross-origin request blocked");
    }
    if (allowed) reply.headers(corsHeaders(origin));
    return;
  });
}

function corsHeaders(origin: string): Readonly<Record<string, string>> {
  return {
    "access-control-allow-origin": origin,
    "access-control-allow-credentials": "true",
    vary: "Origin",
  };
}

/** A host with any port, unless the pattern names one. */
function toHostPattern(host: string): RegExp {
  const escaped = host.replace(/[.+?^${}()|[\]\\]/g, "\\$&").replaceAll("*", "[^:]*");
  return new RegExp(`^${escaped}${/:\d+$/.test(host) ? "" : "(:\\d+)?"}$`, "i");
}
