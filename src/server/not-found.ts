import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { DuetMindError } from "../core/errors.ts";
import { writeProblem } from "./v1/problem.ts";

type KnownPath = { pattern: RegExp; methods: Set<string> };

/**
 * Answers what no route takes: 405 with the methods that a known path has, 204 to a plain OPTIONS on
 * one, else 404. Fastify alone knows nothing of a path whose method is wrong. Call it before the routes
 * are added.
 */
export function addNotFound(app: FastifyInstance, prefix: string): void {
  const paths = new Map<string, KnownPath>();
  app.addHook("onRoute", ({ url, method }) => {
    const known = paths.get(url) ?? { pattern: toPattern(url), methods: new Set() };
    for (const each of [method].flat()) known.methods.add(each);
    paths.set(url, known);
  });

  app.setNotFoundHandler((request: FastifyRequest, reply: FastifyReply) => {
    const path = request.url.split("?", 1)[0]!;
    const methods = [...paths.values()]
      .filter(({ pattern }) => pattern.test(path))
      .flatMap((known) => [...known.methods]);
    reply.type("text/plain; charset=utf-8");
    const isOurs = /^\/api\/v1(\/|$)/.test(path.slice(prefix.length));
    if (methods.length === 0 && isOurs) {
      const error = new DuetMindError("NOT_FOUND", `${path}: expected a route, got none`, {
        hint: "/openapi.json lists them",
      });
      return writeProblem(error, request, reply);
    }
    if (methods.length === 0) return reply.code(404).send("Not Found");
    const allowed = [...new Set([...methods, "OPTIONS"])].sort();
    reply.header("allow", allowed.join(", "));
    if (request.method === "OPTIONS") return reply.code(204).send();
    if (isOurs) {
      const expected = `${allowed.slice(0, -1).join(", ")} or ${allowed.at(-1)}`;
      const text = `${path}: expected ${expected}, got ${request.method}`;
      return writeProblem(new DuetMindError("METHOD_NOT_ALLOWED", text), request, reply);
    }
    return reply.code(405).send("Method Not Allowed");
  });
}

/** `/a/:b/*` as a regular expression of its own. */
function toPattern(url: string): RegExp {
  const parts = url.split("/").map((part) => {
    if (part === "*") return ".*";
    return part.startsWith(":") ? "[^/]+" : part.replace(/[.+?^${}()|[\]\\]/g, "\\$&");
  });
  return new RegExp(`^${parts.join("/")}$`);
}
