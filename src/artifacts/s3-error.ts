import { DuetMindError, type ErrorCode } from "../core/errors.ts";

/** What S3 is used for decides the code: artifacts are kept there, or rows come from there. */
export type S3Use = "STORAGE" | "SOURCE";

type ServiceError = Error & {
  readonly code?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
  readonly $response?: { readonly headers?: Readonly<Record<string, string>> };
};

const CHECK_KEY = "check AWS_ACCESS_KEY_ID, or the profile that AWS_PROFILE names";

const HINTS: Readonly<Record<string, string>> = {
  AccessDenied: "the credentials lack a permission: docs/connect-your-data.md lists those needed",
  AllAccessDisabled: "the account behind the bucket is closed",
  InvalidAccessKeyId: CHECK_KEY,
  XAdminUserNotFound: CHECK_KEY, // versitygw
  SignatureDoesNotMatch: "check AWS_SECRET_ACCESS_KEY, and that no proxy rewrites requests",
  ExpiredToken: "the credentials have expired: get new ones",
  InvalidToken: "check AWS_SESSION_TOKEN",
  NoSuchBucket: "create the bucket, or correct its name",
  CredentialsProviderError:
    "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment or .env, or AWS_PROFILE",
};

const REGION_ERRORS = new Set([
  "PermanentRedirect",
  "AuthorizationHeaderMalformed",
  "IllegalLocationConstraintException",
  "InvalidRegionName",
]);

/** The server took the digest of what arrived, and it was not the one that was sent along. */
const ALTERED_ON_THE_WAY = new Set(["BadDigest", "XAmzContentSHA256Mismatch", "InvalidDigest"]);

const SKEW_MS = 5 * 60 * 1000;

/** Gives a failure of the SDK or of the network its code, words and hint; a bug comes back as it is. */
export function fromS3Error(
  error: unknown,
  use: S3Use,
  subject: string,
  task: string,
  now: Date,
): unknown {
  if (!(error instanceof Error) || error instanceof DuetMindError) return error;
  const { name, code, $metadata, $response } = error as ServiceError;
  const status = $metadata?.httpStatusCode;
  const told = (kind: ErrorCode, got: string, hint: string) =>
    new DuetMindError(kind, `${subject}: expected to ${task}, got ${got}`, { hint, cause: error });
  const answer = `${status === undefined || name === String(status) ? "" : `${name}, `}status ${status}`;

  const altered = "the bytes changed on their way: run it again";
  if (ALTERED_ON_THE_WAY.has(name)) return told("CHECKSUM_MISMATCH", answer, altered);
  if (error.message.startsWith("Checksum mismatch")) {
    return told("CHECKSUM_MISMATCH", "bytes that its checksum denies", altered);
  }
  const skewMs = clockSkew($response?.headers?.["date"], now);
  if (name === "RequestTimeTooSkewed" || (status === 403 && Math.abs(skewMs) > SKEW_MS)) {
    const by = skewMs === 0 ? "" : ` by ${Math.round(Math.abs(skewMs) / 1000)} s`;
    return told(
      `${use}_REFUSED`,
      answer,
      `this machine's clock and the server's differ${by}: set it`,
    );
  }
  if (REGION_ERRORS.has(name)) {
    const region = $response?.headers?.["x-amz-bucket-region"];
    const set = region === undefined ? "set region to the bucket's" : `set region: ${region}`;
    return told(`${use}_REFUSED`, answer, set);
  }
  if (status !== undefined && (status >= 500 || status === 429) && status !== 501) {
    return told(`${use}_UNAVAILABLE`, answer, "the server is in trouble: run it again later");
  }
  const refusal = HINTS[name];
  if (status !== undefined && status >= 300) {
    const hint = refusal ?? (status === 403 ? HINTS["AccessDenied"]! : `it says: ${error.message}`);
    return told(`${use}_REFUSED`, answer, hint);
  }
  if (refusal !== undefined) return told(`${use}_REFUSED`, "no credentials", refusal);
  if (error.message === "Region is missing") {
    return told("CONFIG_INVALID", "no region", "set region, or AWS_REGION");
  }
  if (status !== undefined) {
    const hint = "something else than S3 answers at this address";
    return told(`${use}_UNAVAILABLE`, "an answer that is not S3's", hint);
  }
  return fromNetworkError(name, code, told, use) ?? error;
}

/** Whether the connection broke: the server may have done what was asked, or refused it early. */
export function isBrokenConnection(error: unknown): boolean {
  const { cause } = (error ?? {}) as { cause?: { code?: unknown } };
  return error instanceof DuetMindError && /^(ECONNRESET|EPIPE)$/.test(String(cause?.code));
}

/** Server minus here; 0 when unknown. */
function clockSkew(date: string | undefined, now: Date): number {
  const at = Date.parse(date ?? "");
  return Number.isNaN(at) ? 0 : at - now.getTime();
}

function fromNetworkError(
  name: string,
  code: string | undefined,
  told: (kind: ErrorCode, got: string, hint: string) => DuetMindError,
  use: S3Use,
): DuetMindError | undefined {
  if (name === "TimeoutError" && (code === undefined || code === "ETIMEDOUT")) {
    return told(`${use}_UNAVAILABLE`, "no answer in time", "check the endpoint and the network");
  }
  if (code === undefined || !/^(E[A-Z_]+|UNABLE_TO_|CERT_|DEPTH_ZERO|SELF_SIGNED)/.test(code)) {
    return undefined;
  }
  const isTls = !/^E[A-Z]+$/.test(code) && code !== "EAI_AGAIN";
  const hint = isTls
    ? "the server's certificate is not trusted: name its authority in NODE_EXTRA_CA_CERTS"
    : "check that the server runs, and the endpoint";
  return told(`${use}_UNAVAILABLE`, `no connection (${code})`, hint);
}
