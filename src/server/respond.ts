import type { FastifyReply, FastifyRequest } from "fastify";
import { DuetMindError, ERROR_CODES, type ErrorCode } from "../core/errors.ts";

/** Writes a known error in the manner of an API: see mlflow/errors.ts and v1/problem.ts. */
export type WriteError = (
  error: DuetMindError,
  request: FastifyRequest,
  reply: FastifyReply,
) => unknown;

/** Fastify's own errors about a request, by their code. */
const FASTIFY_CODES: Readonly<Record<string, ErrorCode>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: "TOO_LARGE",
  FST_ERR_CTP_INVALID_MEDIA_TYPE: "UNSUPPORTED_MEDIA_TYPE",
};

/**
 * The catch-all of the server: a known error keeps its code, anything else is a bug, of which the log
 * gets everything and the client the request's id.
 */
export function createErrorHandler(write: WriteError) {
  return (error: unknown, request: FastifyRequest, reply: FastifyReply): unknown => {
    const known = toKnownError(error);
    const { status } = ERROR_CODES[known.code];
    if (status >= 500 && status !== 501) request.log.error({ err: error }, known.message);
    if (status === 503) reply.header("retry-after", "1");
    if (status === 401) reply.header("www-authenticate", 'Basic realm="mlflow"');
    reply.code(status);
    return write(known, request, reply);
  };
}

function toKnownError(error: unknown): DuetMindError {
  if (error instanceof DuetMindError) return error;
  const { code = "", statusCode = 500, message } = error as Partial<FastifyLike>;
  const known = FASTIFY_CODES[code];
  if (known !== undefined) return new DuetMindError(known, message ?? known);
  if (statusCode < 500) return new DuetMindError("BAD_INPUT", message ?? "bad request");
  return new DuetMindError("INTERNAL", "internal error", { cause: error });
}

type FastifyLike = Readonly<{ code: string; statusCode: number; message: string }>;
