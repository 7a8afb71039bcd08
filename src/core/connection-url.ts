import { readFileSync } from "node:fs";
import type { ConnectionOptions } from "node:tls";
import { DuetMindError } from "./errors.ts";

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

/** Servers whose addresses have this form, with the schemes and the port that each is known by. */
const SERVERS = {
  postgresql: { schemes: ["postgres", "postgresql"], port: 5432 },
  mysql: { schemes: ["mysql", "mariadb"], port: 3306 },
} as const;
export type ServerKind = keyof typeof SERVERS;

export type ConnectionTarget = Readonly<{
  server: ServerKind;
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
  /** The environment variable that holds the address. */
  variable: string;
  /** For messages: the address without the password. */
  subject: string;
}>;

const PARAMETERS = ["sslmode", "sslrootcert", "application_name", "connect_timeout", "host"];

export type ConnectionUrlOptions = Readonly<{
  /** The environment variable that holds the address, for messages. */
  variable?: string;
  servers?: readonly ServerKind[];
}>;

/**
 * Parses an address such as DATABASE_URL, `postgres://user:password@host:port/database?sslmode=verify-full`.
 * The parameters are libpq's, for every server.
 */
export function parseConnectionUrl(
  text: string,
  { variable = "DATABASE_URL", servers = ["postgresql"] }: ConnectionUrlOptions = {},
): ConnectionTarget {
  const invalid = (expected: string, got: string) =>
    new DuetMindError("CONFIG_INVALID", `${variable}: expected ${expected}, got ${got}`);
  const url = toUrl(text);
  const scheme = url?.protocol.slice(0, -1) ?? "";
  const server = servers.find((kind) => SERVERS[kind].schemes.some((known) => known === scheme));
  if (url === undefined || server === undefined) {
    const forms = servers.map(
      (kind) => `${SERVERS[kind].schemes[0]}://user:password@host:port/database`,
    );
    throw invalid(forms.join(" or "), "another form");
  }
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
  const port = url.port === "" ? SERVERS[server].port : Number(url.port);
  const user = decodeURIComponent(url.username) || undefined;
  const database = decodeURIComponent(url.pathname.slice(1)) || undefined;
  const timeout = url.searchParams.get("connect_timeout") ?? "10";
  if (!/^\d+$/.test(timeout)) throw invalid("connect_timeout in seconds", timeout);
  return {
    server,
    host: host.replace(/^\[(.*)\]$/, "$1"),
    port,
    user,
    password: decodeURIComponent(url.password) || undefined,
    database,
    sslMode,
    sslRootCert,
    applicationName: url.searchParams.get("application_name") ?? "duetmind",
    connectTimeoutMs: 1000 * Number(timeout),
    variable,
    subject: `${SERVERS[server].schemes[0]}://${user === undefined ? "" : `${user}@`}${host}:${port}/${database ?? ""}`,
  };
}

/** The TLS options of a mode, false for none. `allow` and `prefer` may also go without: see reachPostgresql. */
export function tlsOptions(target: ConnectionTarget): ConnectionOptions | false {
  const { sslMode, sslRootCert, host, variable } = target;
  if (sslMode === "disable" || host.startsWith("/")) return false;
  const authority =
    sslRootCert === undefined || sslRootCert === "system"
      ? {}
      : { ca: readAuthority(sslRootCert, variable) };
  // `host` is what a certificate for an IP address is checked against: pg gives a server name only.
  if (sslMode === "verify-full" || sslRootCert === "system") return { ...authority, host };
  // As libpq: where an authority is named, every mode that speaks TLS asks for its signature.
  if (sslRootCert !== undefined) {
    return { ...authority, host, checkServerIdentity: () => undefined };
  }
  return { rejectUnauthorized: false };
}

/** Undefined for text that is no URL: the error of URL holds the text, and the text a password. */
function toUrl(text: string): URL | undefined {
  // libpq takes `user@/database?host=/socket/folder`; URL wants a host after the @.
  const whole = text.replace(/^(\w+:\/\/[^/?]*@)(?=[/?]|$)/, "$1localhost");
  return URL.canParse(whole) ? new URL(whole) : undefined;
}

function isSslMode(text: string): text is SslMode {
  return (SSL_MODES as readonly string[]).includes(text);
}

function readAuthority(path: string, variable: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new DuetMindError(
      "CONFIG_INVALID",
      `${variable}: sslrootcert: expected a readable file, got ${(error as Error).message}`,
      { file: path, cause: error },
    );
  }
}
