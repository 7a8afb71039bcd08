import type pg from "pg";
import { type ConnectionTarget, tlsOptions } from "../core/connection-url.ts";

/** Connects by TLS, or without it where `prefer` meets a server that has none. */
export async function connectPostgresql(target: ConnectionTarget): Promise<pg.Client> {
  const { default: driver } = await import("pg");
  const { host, port, user, password, database } = target;
  const connect = async (ssl: pg.ClientConfig["ssl"]): Promise<pg.Client> => {
    const client = new driver.Client({
      host,
      port,
      ...(user === undefined ? {} : { user }),
      ...(password === undefined ? {} : { password }),
      ...(database === undefined ? {} : { database }),
      ...(ssl === undefined ? {} : { ssl }),
      application_name: target.applicationName,
      connectionTimeoutMillis: target.connectTimeoutMs,
      keepAlive: true,
      keepAliveInitialDelayMillis: 10_000,
    });
    client.on("error", () => {}); // the statement that it breaks rejects as well
    await client.connect();
    return client;
  };
  try {
    return await connect(tlsOptions(target));
  } catch (error) {
    const isPlain = error instanceof Error && error.message.includes("does not support SSL");
    if (target.sslMode !== "prefer" || !isPlain) throw error;
    return connect(false);
  }
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
