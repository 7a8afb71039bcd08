import { DuetMindError } from "../core/errors.ts";
import type { ServerRequest } from "./database-rows.ts";
import { isTlsFailure } from "./postgresql-connection.ts";
import { QUERY_OFFSET } from "./postgresql-queries.ts";
import { reasonOf, type ServerFailure, serverError } from "./server-error.ts";

type Fields = Readonly<{ code?: string; position?: string }>;

/** An error of the driver or the server; `isQuery` when it may point into the query of params.yaml. */
export function fromPostgresqlError(
  error: unknown,
  request: ServerRequest,
  isQuery = false,
): unknown {
  if (error instanceof DuetMindError) return error;
  const { code = "", position } = error as Fields;
  const failure = isTlsFailure(error) ? "tls" : failureOf(code);
  if (failure !== "query") return serverError(request, failure, reasonOf(error), error);
  const query = request.database.query;
  const place = Number(position) - QUERY_OFFSET;
  const isInside = isQuery && query !== undefined && place >= 1 && place <= query.length;
  const at = isInside ? `, ${describePlace(query, place)}` : "";
  return serverError(request, "query", `${reasonOf(error)} (SQLSTATE ${code}${at})`, error);
}

/** By the classes of PostgreSQL's error codes; what has none comes from the network. */
function failureOf(code: string): ServerFailure {
  if (code === "57014") return "timeout";
  if (/^(28|42501|3D000)/.test(code)) return "refused";
  // classes of the connection, resources, the operator and the system; E… is of the network
  return /^(?!08|53|57|58|XX|E)[0-9A-Z]{5}$/.test(code) ? "query" : "unavailable";
}

function describePlace(query: string, place: number): string {
  const before = query.slice(0, place - 1).split("\n");
  return `line ${before.length}, column ${before.at(-1)!.length + 1} of the query`;
}
