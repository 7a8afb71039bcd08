import { isIP } from "node:net";
import type { Connection, ConnectionOptions } from "mysql2";
import type { ConnectionTarget } from "../core/connection-url.ts";
import { DuetMindError } from "../core/errors.ts";
import { connectByMode, type Tls } from "./connect-by-mode.ts";

/** Connects as sslmode says. */
export async function connectMysql(target: ConnectionTarget): Promise<Connection> {
  return connectByMode(target, (tls) => connect(target, toSsl(target, tls)), leadsOn);
}

/** TLS that failed, or a server that answered and did not let this connection in. */
function leadsOn(error: unknown): boolean {
  const { code = "", sqlState } = error as Readonly<{ code?: string; sqlState?: string }>;
  return code.startsWith("HANDSHAKE_") || sqlState !== undefined;
}

async function connect(
  { host, port, user, password, database, connectTimeoutMs }: ConnectionTarget,
  ssl: ConnectionOptions["ssl"],
): Promise<Connection> {
  const { default: driver } = await import("mysql2");
  const address = host.startsWith("/") ? { socketPath: host } : { host, port };
  const connection = driver.createConnection({
    ...address,
    ...(user === undefined ? {} : { user }),
    ...(password === undefined ? {} : { password }),
    ...(database === undefined ? {} : { database }),
    ...(ssl === undefined ? {} : { ssl }),
    connectTimeout: connectTimeoutMs,
    charset: "utf8mb4",
    dateStrings: true,
    enableKeepAlive: true,
  });
  connection.on("error", () => {}); // the statement that it breaks rejects as well
  await new Promise<void>((resolve, reject) => {
    connection.connect((error) => (error === null ? resolve() : reject(error)));
  });
  return connection;
}

/** The same options in this driver's words. It looks at names only, so an address cannot be verified. */
function toSsl({ host, sslMode, variable }: ConnectionTarget, tls: Tls): ConnectionOptions["ssl"] {
  if (tls === false) return undefined;
  const { ca, rejectUnauthorized = true, checkServerIdentity } = tls;
  const verifyIdentity = rejectUnauthorized && checkServerIdentity === undefined;
  if (verifyIdentity && isIP(host) !== 0) {
    throw new DuetMindError(
      "CONFIG_INVALID",
      `${variable}: sslmode=${sslMode}: expected a host name, got the address ${host}`,
      {
        hint: "use the name that the certificate is for, or sslmode=verify-ca with sslrootcert=FILE, which does not look at the name",
      },
    );
  }
  return { rejectUnauthorized, verifyIdentity, ...(typeof ca === "string" ? { ca } : {}) };
}

/** Asks the server to end what another connection runs. */
export async function killQuery(target: ConnectionTarget, threadId: number): Promise<void> {
  const connection = await connectMysql(target);
  try {
    await connection.promise().query("KILL QUERY ?", [threadId]);
  } finally {
    connection.destroy();
  }
}
