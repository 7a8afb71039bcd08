import type { FastifyReply, FastifyRequest } from "fastify";
import { databaseAway, fromDatabaseFault } from "../core/database-fault.ts";
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
    const known = toClientError(error, (message) => request.log.error({ err: error }, message));
    const { status } = ERROR_CODES[known.code];
    if (status === 503) reply.header("retry-after", "1");
    if (status === 401) reply.header("www-authenticate", 'Basic realm="mlflow"');
    reply.code(status);
    return write(known, request, reply);
  };
}

/** An error as a client may see it; what is a fault of the server is reported first. */
export function toClientError(error: unknown, report: (message: string) => void): DuetMindError {
  const known = toKnownError(error);
  const { status } = ERROR_CODES[known.code];
  if (status >= 500 && status !== 501) report(known.message);
  return forClients(known, status);
}

/** Where a part of ours is and what it said is for the log: a client learns that it is away. */
function forClients(known: DuetMindError, status: number): DuetMindError {
  if (status < 500 || status === 501 || known.code === "INTERNAL") return known;
  return new DuetMindError(known.code, "a part of this server is not available just now", {
    hint: "send the request again in a while; the log of the server says more under its request id",
  });
}

/** What a connection says that breaks: of a server's parts only the database is reached without a wrapper. */
const CONNECTION_BROKEN = new Set(["ECONNRESET", "ECONNREFUSED", "EPIPE", "ETIMEDOUT"]);

function toKnownError(error: unknown): DuetMindError {
  if (error instanceof DuetMindError) return error;
  const fault = fromDatabaseFault(error);
  if (fault !== undefined) return fault;
  if (CONNECTION_BROKEN.has((error as Partial<FastifyLike> | null)?.code ?? "")) {
    return databaseAway(error);
  }
  const { code = "", statusCode = 500, message } = error as Partial<FastifyLike>;
  const known = FASTIFY_CODES[code];
  if (known !== undefined) return new DuetMindError(known, message ?? known);
  if (statusCode < 500) return new DuetMindError("BAD_INPUT", message ?? "bad request");
  return new DuetMindError("INTERNAL", "internal error", { cause: error });
}

type FastifyLike = Readonly<{ code: string; statusCode: number; message: string }>;
