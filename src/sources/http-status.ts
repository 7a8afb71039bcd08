import { STATUS_CODES } from "node:http";
import { parseRetryAfter } from "../core/retry-after.ts";
import { HttpFault } from "./http-fault.ts";

/** The fault that a status is, or undefined where the answer is good. */
export function statusFault(
  status: number,
  retryAfter: string | undefined,
  now: Date,
): HttpFault | undefined {
  if (status === 200 || status === 203) return undefined;
  const got = `${status} ${STATUS_CODES[status] ?? ""}`.trim();
  if (status === 401 || status === 403) {
    return new HttpFault({
      code: "SOURCE_REFUSED",
      expected: "to be let in",
      got,
      hint: "check `auth` of the source and the variables that it names",
    });
  }
  if (status === 404 || status === 410) {
    const hint = "check the url of the source";
    return new HttpFault({ code: "NOT_FOUND", expected: "data at this address", got, hint });
  }
  if (status === 408 || status === 429 || status >= 500) {
    return new HttpFault({
      code: "SOURCE_UNAVAILABLE",
      expected: "an answer",
      got,
      hint: "the server cannot answer now; run the command again later",
      isPassing: true,
      retryAfterMs: parseRetryAfter(retryAfter, now),
    });
  }
  return new HttpFault({
    code: "BAD_INPUT",
    expected: "200 OK",
    got,
    hint: "check url, query and headers of the source",
  });
}
