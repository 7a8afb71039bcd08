import { readFileSync } from "node:fs";
import type * as Sdk from "@aws-sdk/client-s3";
import type { Environment } from "../core/environment.ts";
import type { S3Connection } from "./s3-connection.ts";

/** How long to wait and how often to try again: nothing waits for ever. */
export type S3Limits = Readonly<{
  connectTimeoutMs: number;
  /** Of a connection on which no byte moves. */
  idleTimeoutMs: number;
  /** Of one request, the first included; between them waits with jitter. */
  attempts: number;
}>;

export const S3_LIMITS: S3Limits = { connectTimeoutMs: 10_000, idleTimeoutMs: 30_000, attempts: 4 };

export type S3Client = Readonly<{ sdk: typeof Sdk; client: Sdk.S3Client }>;

/**
 * The one place that makes a client. The SDK takes a sixth of a second to load, so it comes when it is
 * first needed. `.env` of a project counts as the environment does; what is in neither (profiles,
 * single sign-on, the role of a machine) the SDK finds by its own chain.
 */
export async function createS3Client(
  connection: S3Connection,
  env: Environment,
  limits: S3Limits,
): Promise<S3Client> {
  const sdk = await import("@aws-sdk/client-s3");
  const endpoint = endpointOf(connection, env);
  const region =
    connection.region ??
    env["AWS_REGION"] ??
    env["AWS_DEFAULT_REGION"] ??
    (endpoint === undefined ? undefined : "us-east-1");
  const client = new sdk.S3Client({
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(region === undefined ? {} : { region }),
    ...credentialsOf(connection, env),
    forcePathStyle: connection.path_style ?? endpoint !== undefined,
    followRegionRedirects: endpoint === undefined,
    maxAttempts: limits.attempts,
    retryMode: "standard",
    requestHandler: {
      connectionTimeout: limits.connectTimeoutMs,
      socketTimeout: limits.idleTimeoutMs,
      ...trustOf(connection),
    },
    // Bytes are checked here, by SHA-256: the SDK's own CRC32 on top would only cost time.
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
  });
  client.middlewareStack.add(
    (next) => (args) => {
      signKnownDigest((args.request as { headers: Record<string, string> }).headers);
      return next(args);
    },
    { step: "build" },
  );
  return { sdk, client };
}

/** The signature covers the SHA-256 of the body. Where it is sent along anyway, none is taken again. */
function signKnownDigest(headers: Record<string, string>): void {
  const digest = headers["x-amz-checksum-sha256"];
  if (digest === undefined) return;
  headers["x-amz-content-sha256"] = Buffer.from(digest, "base64").toString("hex");
}

/** The address of the server; undefined for AWS. */
export function endpointOf(connection: S3Connection, env: Environment): string | undefined {
  return connection.endpoint ?? env["AWS_ENDPOINT_URL_S3"] ?? env["AWS_ENDPOINT_URL"];
}

function trustOf({ trust }: S3Connection) {
  if (trust === undefined) return {};
  if (trust === "anybody") return { httpsAgent: { rejectUnauthorized: false } };
  return { httpsAgent: { ca: readFileSync(trust.authorities) } };
}

function credentialsOf(connection: S3Connection, env: Environment): Sdk.S3ClientConfig {
  if (connection.anonymous === true) {
    return {
      credentials: { accessKeyId: "", secretAccessKey: "" },
      signer: { sign: async (request) => request },
    };
  }
  const accessKeyId = env["AWS_ACCESS_KEY_ID"];
  const secretAccessKey = env["AWS_SECRET_ACCESS_KEY"];
  if (accessKeyId === undefined || secretAccessKey === undefined) {
    const profile = env["AWS_PROFILE"];
    return profile === undefined ? {} : { profile };
  }
  const sessionToken = env["AWS_SESSION_TOKEN"];
  const token = sessionToken === undefined ? {} : { sessionToken };
  return { credentials: { accessKeyId, secretAccessKey, ...token } };
}
