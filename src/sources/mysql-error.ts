import { DuetMindError } from "../core/errors.ts";
import type { ServerRequest } from "./database-rows.ts";
import { reasonOf, type ServerFailure, serverError } from "./server-error.ts";

const REFUSED =
  /^ER_(ACCESS_DENIED|DBACCESS_DENIED|TABLEACCESS_DENIED|COLUMNACCESS_DENIED|SPECIFIC_ACCESS_DENIED|BAD_DB|HOST_NOT_PRIVILEGED|MUST_CHANGE_PASSWORD|ACCOUNT_HAS_BEEN_LOCKED)/;
const TIMEOUT = /^ER_(QUERY_TIMEOUT|STATEMENT_TIMEOUT)$/;
const UNAVAILABLE =
  /^ER_(CON_COUNT|TOO_MANY_USER_CONNECTIONS|SERVER_SHUTDOWN|CONNECTION_KILLED|QUERY_INTERRUPTED|LOCK_|OUT_OF|DISK_FULL|NORMAL_SHUTDOWN|ABORTING_CONNECTION)/;

type Fields = Readonly<{ code?: string; errno?: number; sqlState?: string }>;

/** An error of the driver or the server; the server's own text says near what, and in which line. */
export function fromMysqlError(error: unknown, request: ServerRequest): unknown {
  if (error instanceof DuetMindError) return error;
  const { code = "", errno, sqlState } = error as Fields;
  const failure = failureOf(code, errno);
  const reason = reasonOf(error).replace(/\s*\) AS `source` LIMIT 0/, "");
  const detail = failure === "query" ? ` (${code}, SQLSTATE ${sqlState})` : "";
  return serverError(request, failure, `${reason}${detail}`, error);
}

/** By the names of MySQL's errors; MariaDB's timeout has a number of its own. */
function failureOf(code: string, errno: number | undefined): ServerFailure {
  if (errno === 1969 || TIMEOUT.test(code)) return "timeout";
  if (REFUSED.test(code)) return "refused";
  if (code.startsWith("HANDSHAKE_")) return "tls";
  return code.startsWith("ER_") && !UNAVAILABLE.test(code) ? "query" : "unavailable";
}
