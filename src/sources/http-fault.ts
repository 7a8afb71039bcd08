import { DuetMindError, type ErrorCode } from "../core/errors.ts";

type FaultDetails = Readonly<{
  code: ErrorCode;
  expected: string;
  got: string;
  hint?: string;
  /** Whether it may be gone in a while: then the request is made again. */
  isPassing?: boolean;
  /** How long the server asks to wait. */
  retryAfterMs?: number | undefined;
  cause?: unknown;
}>;

/** What went wrong in one request: either tried again or turned into the error that a person sees. */
export class HttpFault extends Error {
  override readonly name = "HttpFault";
  readonly details: FaultDetails;

  constructor(details: FaultDetails) {
    super(details.got, { cause: details.cause });
    this.details = details;
  }

  /** `subject` is the address without secrets; `note` says what was tried. */
  toError(subject: string, note: string): DuetMindError {
    const { code, expected, got, hint, cause } = this.details;
    return new DuetMindError(code, `${subject}: expected ${expected}, got ${got}${note}`, {
      ...(hint === undefined ? {} : { hint }),
      cause,
    });
  }
}

const TLS_WORDS: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: "a certificate that has expired",
  CERT_NOT_YET_VALID: "a certificate that is not valid yet",
  ERR_TLS_CERT_ALTNAME_INVALID: "a certificate for another name",
  DEPTH_ZERO_SELF_SIGNED_CERT: "a self-signed certificate",
  SELF_SIGNED_CERT_IN_CHAIN: "a certificate of an unknown authority",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "a certificate of an unknown authority",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "a certificate of an unknown authority",
};

const NETWORK_WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: "a refused connection",
  ECONNRESET: "a connection that was dropped",
  EPIPE: "a connection that was dropped",
  ETIMEDOUT: "no connection in time",
  EHOSTUNREACH: "no way to the host",
  ENETUNREACH: "no way to the network",
  EAI_AGAIN: "no answer from the name service",
};

/** Errors of sockets, TLS, HTTP's grammar and decompression, in words. */
export function toHttpFault(error: unknown): unknown {
  if (error instanceof HttpFault || error instanceof DuetMindError) return error;
  const code = String((error as NodeJS.ErrnoException | null)?.code ?? "");
  const unavailable = { code: "SOURCE_UNAVAILABLE", expected: "an answer", cause: error } as const;
  if (code === "ENOTFOUND") {
    const hint = "check the spelling of the address, and the network";
    return new HttpFault({ ...unavailable, got: "no host of this name", hint });
  }
  if (TLS_WORDS[code] !== undefined || /^(EPROTO$|ERR_SSL_|ERR_TLS_|CERT_|UNABLE_TO_)/.test(code)) {
    return new HttpFault({
      ...unavailable,
      expected: "a trusted TLS connection",
      got: TLS_WORDS[code] ?? `a TLS failure (${code})`,
      hint: "an authority of your own is trusted with tls: {ca: FILE.pem}",
    });
  }
  if (code.startsWith("HPE_")) {
    return new HttpFault({ ...unavailable, expected: "HTTP", got: `something else (${code})` });
  }
  if (
    code.startsWith("Z_") ||
    code.startsWith("ERR__ERROR_FORMAT") ||
    code.startsWith("ERR_PADD")
  ) {
    const got = `damaged content (${code})`;
    return new HttpFault({ ...unavailable, expected: "content as its encoding says", got });
  }
  const words = NETWORK_WORDS[code];
  if (words === undefined) return error;
  return new HttpFault({ ...unavailable, got: words, isPassing: true });
}

/** An alarm that rang. */
export function timeoutFault(got: string): HttpFault {
  return new HttpFault({
    code: "SOURCE_UNAVAILABLE",
    expected: "an answer",
    got,
    hint: "the limits are `timeouts` of the source",
    isPassing: true,
  });
}
