import type { FastifyReply, FastifyRequest } from "fastify";
import { type DuetMindError, ERROR_CODES } from "../../core/errors.ts";
import { toJsonText } from "../../core/json-text.ts";

/** A failed call as `application/problem+json` (RFC 9457), with the code that scripts read. */
export function writeProblem(
  error: DuetMindError,
  request: FastifyRequest,
  reply: FastifyReply,
): unknown {
  // A check that failed has no status of its own here: the API never answers 422.
  const { status } = ERROR_CODES[error.code];
  const code = status === 422 ? 400 : status;
  const { hint, issues } = error.details;
  const problem = {
    type: "about:blank",
    title: TITLES[code] ?? "Error",
    status: code,
    detail: error.message,
    code: error.code,
    request_id: request.id,
    ...(hint === undefined ? {} : { hint }),
    ...(issues === undefined ? {} : { errors: issues }),
  };
  return reply.code(code).type("application/problem+json").send(toJsonText(problem));
}

const TITLES: Readonly<Record<number, string>> = {
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  409: "Conflict",
  412: "Precondition Failed",
  413: "Content Too Large",
  415: "Unsupported Media Type",
  416: "Range Not Satisfiable",
  429: "Too Many Requests",
  500: "Internal Server Error",
  501: "Not Implemented",
  502: "Bad Gateway",
  503: "Service Unavailable",
};
