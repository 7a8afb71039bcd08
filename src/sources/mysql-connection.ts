import type { Connection, ConnectionOptions } from "mysql2";
import { type ConnectionTarget, tlsOptions } from "../core/connection-url.ts";

/** Connects by TLS, or without it where `prefer` meets a server that has none. */
export async function connectMysql(target: ConnectionTarget): Promise<Connection> {
  const ssl = toSsl(target);
  try {
    return await connect(target, ssl);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (target.sslMode !== "prefer" || code !== "HANDSHAKE_NO_SSL_SUPPORT") throw error;
    return connect(target, undefined);
  }
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

/** The same modes as for PostgreSQL in this driver's words. */
function toSsl(target: ConnectionTarget): ConnectionOptions["ssl"] {
  const options = tlsOptions(target);
  if (options === false) return undefined;
  const { ca, rejectUnauthorized = true, checkServerIdentity } = options;
  return {
    rejectUnauthorized,
    verifyIdentity: rejectUnauthorized && checkServerIdentity === undefined,
    ...(typeof ca === "string" ? { ca } : {}),
  };
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
