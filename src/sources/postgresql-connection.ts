import type pg from "pg";
import type { ConnectionTarget } from "../core/connection-url.ts";
import { connectByMode, type Tls } from "./connect-by-mode.ts";

/** Connects as sslmode says. */
export async function connectPostgresql(target: ConnectionTarget): Promise<pg.Client> {
  const { default: driver } = await import("pg");
  const { host, port, user, password, database } = target;
  const connect = async (ssl: Tls): Promise<pg.Client> => {
    const client = new driver.Client({
      host,
      port,
      ...(user === undefined ? {} : { user }),
      ...(password === undefined ? {} : { password }),
      ...(database === undefined ? {} : { database }),
      ssl,
      application_name: target.applicationName,
      connectionTimeoutMillis: target.connectTimeoutMs,
      keepAlive: true,
      keepAliveInitialDelayMillis: 10_000,
    });
    client.on("error", () => {}); // the statement that it breaks rejects as well
    await client.connect();
    return client;
  };
  return connectByMode(
    target,
    connect,
    (error) => error instanceof driver.DatabaseError || isTlsFailure(error),
  );
}

/** The server has no TLS, or shows what is not trusted. */
export function isTlsFailure(error: unknown): boolean {
  const { code = "", message } = error as NodeJS.ErrnoException;
  return (
    /^(CERT_|DEPTH_ZERO_|EPROTO|ERR_SSL_|ERR_TLS_|SELF_SIGNED_|UNABLE_TO_)/.test(code) ||
    /does not support SSL/.test(message)
  );
}

/** Asks the server to end what another connection runs. */
export async function cancelBackend(target: ConnectionTarget, processId: number): Promise<void> {
  const client = await connectPostgresql(target);
  try {
    await client.query("SELECT pg_cancel_backend($1)", [processId]);
  } finally {
    await client.end();
  }
}
