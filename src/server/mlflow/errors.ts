import type { FastifyReply, FastifyRequest } from "fastify";
import { type DuetMindError, ERROR_CODES, type ErrorCode } from "../../core/errors.ts";
import { writeWireJson } from "./write-json.ts";

type Wire = Readonly<{
  status: number;
  errorCode: string;
  sqlstate: string;
  errorClass: string;
}>;

const invalid: Wire = {
  status: 400,
  errorCode: "INVALID_PARAMETER_VALUE",
  sqlstate: "KAM00",
  errorClass: "INVALID_PARAMETER_VALUE",
};
const internal: Wire = {
  status: 500,
  errorCode: "INTERNAL_ERROR",
  sqlstate: "XXM00",
  errorClass: "CLIENT_INTERNAL_ERROR",
};
const notFound: Wire = {
  status: 404,
  errorCode: "RESOURCE_DOES_NOT_EXIST",
  sqlstate: "KAM00",
  errorClass: "RESOURCE_NOT_FOUND",
};

/** MLflow's words for our codes (reference: mlflow.md, section 5). */
const WIRE: Partial<Record<ErrorCode, Wire>> = {
  NOT_FOUND: notFound,
  FILE_NOT_FOUND: notFound,
  ALREADY_EXISTS: {
    status: 400,
    errorCode: "RESOURCE_ALREADY_EXISTS",
    sqlstate: "KAM00",
    errorClass: "RESOURCE_ALREADY_EXISTS",
  },
  CONFLICT: invalid,
  INTEGRITY_VIOLATED: { ...invalid, errorCode: "BAD_REQUEST" },
  UNAUTHENTICATED: { ...invalid, status: 401, errorCode: "UNAUTHENTICATED" },
  PERMISSION_DENIED: { ...invalid, status: 403, errorCode: "PERMISSION_DENIED" },
  RATE_LIMITED: { ...internal, status: 429, errorCode: "REQUEST_LIMIT_EXCEEDED" },
  CHECKSUM_MISMATCH: { ...internal, errorCode: "DATA_LOSS" },
  NOT_SUPPORTED: { ...internal, status: 501, errorCode: "NOT_IMPLEMENTED" },
};

/** The body of a failed call: clients read `error_code` and `message`. */
export function writeMlflowError(
  error: DuetMindError,
  _request: FastifyRequest,
  reply: FastifyReply,
): unknown {
  const wire = wireOf(error.code);
  return reply
    .code(wire.status)
    .type("application/json")
    .send(
      writeWireJson({
        error_code: wire.errorCode,
        message: error.message,
        sqlstate: wire.sqlstate,
        error_class: wire.errorClass,
      }),
    );
}

/** Statuses of HTTP itself, which MLflow's table of errors does not know. */
const KEPT = new Set([413, 416]);

function wireOf(code: ErrorCode): Wire {
  const known = WIRE[code];
  if (known !== undefined) return known;
  const { status } = ERROR_CODES[code];
  if (status === 502 || status === 503) {
    return { ...internal, status: 503, errorCode: "TEMPORARILY_UNAVAILABLE" };
  }
  if (status >= 500) return internal;
  return { ...invalid, status: KEPT.has(status) ? status : 400 };
}
