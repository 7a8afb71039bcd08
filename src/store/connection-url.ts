import { readFileSync } from "node:fs";
import type { ConnectionOptions } from "node:tls";
import { DuetMindError } from "../core/errors.ts";

/** libpq's sslmode. */
export const SSL_MODES = [
  "disable",
  "allow",
  "prefer",
  "require",
  "verify-ca",
  "verify-full",
] as const;
export type SslMode = (typeof SSL_MODES)[number];

export type ConnectionTarget = Readonly<{
  host: string;
  port: number;
  user: string | undefined;
  password: string | undefined;
  database: string | undefined;
  sslMode: SslMode;
  /** Path of the certificate authority's file; `system` means those that Node knows. */
  sslRootCert: string | undefined;
  applicationName: string;
  connectTimeoutMs: number;
  /** For messages: the address without the password. */
  subject: string;
}>;

const PARAMETERS = ["sslmode", "sslrootcert", "application_name", "connect_timeout", "host"];

/** Parses DATABASE_URL, `postgres://user:password@host:port/database?sslmode=verify-full`. */
export function parseConnectionUrl(text: string): ConnectionTarget {
  const url = toUrl(text);
  for (const name of url.searchParams.keys()) {
    if (!PARAMETERS.includes(name)) throw invalid(PARAMETERS.join(", "), `parameter "${name}"`);
  }
  const sslMode = url.searchParams.get("sslmode") ?? "prefer";
  if (!isSslMode(sslMode)) throw invalid(`sslmode ${SSL_MODES.join(" or ")}`, `"${sslMode}"`);
  const sslRootCert = url.searchParams.get("sslrootcert") ?? undefined;
  if (sslMode === "verify-ca" && (sslRootCert ?? "system") === "system") {
    // Any authority that Node trusts would do, and with it any server in the world.
    throw invalid("sslrootcert=FILE with sslmode=verify-ca", "none");
  }
  const host = url.searchParams.get("host") ?? (decodeURIComponent(url.hostname) || "localhost");
  const port = url.port === "" ? 5432 : Number(url.port);
  const user = decodeURIComponent(url.username) || undefined;
  const database = decodeURIComponent(url.pathname.slice(1)) || undefined;
  return {
    host: host.replace(/^\[(.*)\]$/, "$1"),
    port,
    user,
    password: decodeURIComponent(url.password) || undefined,
    database,
    sslMode,
    sslRootCert,
    applicationName: url.searchParams.get("application_name") ?? "duetmind",
    connectTimeoutMs: 1000 * parseSeconds(url.searchParams.get("connect_timeout") ?? "10"),
    subject: `postgres://${user === undefined ? "" : `${user}@`}${host}:${port}/${database ?? ""}`,
  };
}

/** The TLS options of a mode, false for none. `allow` and `prefer` may also go without: see reachPostgresql. */
export function tlsOptions(target: ConnectionTarget): ConnectionOptions | false {
  const { sslMode, sslRootCert, host } = target;
  if (sslMode === "disable" || host.startsWith("/")) return false;
  const authority =
    sslRootCert === undefined || sslRootCert === "system" ? {} : { ca: readAuthority(sslRootCert) };
  // `host` is what a certificate for an IP address is checked against: pg gives a server name only.
  if (sslMode === "verify-full" || sslRootCert === "system") return { ...authority, host };
  // As libpq: where an authority is named, every mode that speaks TLS asks for its signature.
  if (sslRootCert !== undefined) {
    return { ...authority, host, checkServerIdentity: () => undefined };
  }
  return { rejectUnauthorized: false };
}

function toUrl(text: string): URL {
  try {
    // libpq takes `user@/database?host=/socket/folder`; URL wants a host after the @.
    const url = new URL(text.replace(/^(\w+:\/\/[^/?]*@)(?=[/?]|$)/, "$1localhost"));
    if (url.protocol === "postgres:" || url.protocol === "postgresql:") return url;
  } catch {
    // The error of URL holds the text, and the text a password.
  }
  throw invalid("postgres://user:password@host:port/database", "another form");
}

function isSslMode(text: string): text is SslMode {
  return (SSL_MODES as readonly string[]).includes(text);
}

function parseSeconds(text: string): number {
  const seconds = Number(text);
  if (!Number.isInteger(seconds) || seconds < 0) throw invalid("connect_timeout in seconds", text);
  return seconds;
}

function readAuthority(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new DuetMindError(
      "CONFIG_INVALID",
      `DATABASE_URL: sslrootcert: expected a readable file, got ${(error as Error).message}`,
      { file: path, cause: error },
    );
  }
}

function invalid(expected: string, got: string): DuetMindError {
  return new DuetMindError("CONFIG_INVALID", `DATABASE_URL: expected ${expected}, got ${got}`);
}
