import { DuetMindError } from "../core/errors.ts";
import type { ServerRequest } from "./database-rows.ts";

/** What an error of a server's driver means to the person. */
export type ServerFailure = "unavailable" | "timeout" | "refused" | "tls" | "query";

/** One error for what a database server did, without the password. */
export function serverError(
  { subject, target, database }: ServerRequest,
  failure: ServerFailure,
  reason: string,
  cause: unknown,
): DuetMindError {
  const at = `${subject}: ${target.subject}`;
  switch (failure) {
    case "refused":
      return new DuetMindError("SOURCE_REFUSED", `${at}: expected to be let in, got: ${reason}`, {
        hint: `check the user, password and database of ${target.variable}, and what the user may read`,
        cause,
      });
    case "tls":
      return new DuetMindError(
        "SOURCE_UNAVAILABLE",
        `${at}: expected a connection by TLS, got: ${reason}`,
        {
          hint: `check sslmode and sslrootcert of ${target.variable}, and the certificate of the server`,
          cause,
        },
      );
    case "timeout":
      return new DuetMindError(
        "SOURCE_UNAVAILABLE",
        `${at}: expected the rows within ${database.statement_timeout_ms} ms, got a timeout`,
        { hint: `raise statement_timeout_ms of ${subject}.database, or read less`, cause },
      );
    case "unavailable":
      return new DuetMindError(
        "SOURCE_UNAVAILABLE",
        `${at}: expected a database that answers to the end, got: ${reason}`,
        {
          hint: `check ${target.variable} and that the server runs; run it again, nothing was half read`,
          cause,
        },
      );
    case "query":
      return new DuetMindError(
        "BAD_INPUT",
        `${subject}: expected a ${database.table === undefined ? "query" : "table"} that the database can read, got: ${reason}`,
        { path: `${subject}.database.${database.table === undefined ? "query" : "table"}`, cause },
      );
  }
}

/** The messages of an error: a host with two addresses fails with one for each. */
export function reasonOf(error: unknown): string {
  const causes = error instanceof AggregateError ? error.errors : [error];
  return causes.map((cause) => (cause instanceof Error ? cause.message : String(cause))).join("; ");
}
