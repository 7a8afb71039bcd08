import type { ConnectionOptions } from "node:tls";
import { type ConnectionTarget, tlsOptions } from "../core/connection-url.ts";

/** The options of TLS, false for none. */
export type Tls = ConnectionOptions | false;

/**
 * Connects as sslmode says, in libpq's manner: `prefer` goes by TLS first and `allow` second, and where
 * the server is there but does not take it (`leadsOn`) the other way is tried.
 */
export async function connectByMode<T>(
  target: ConnectionTarget,
  connect: (tls: Tls) => Promise<T>,
  leadsOn: (error: unknown) => boolean,
): Promise<T> {
  const tls = tlsOptions(target);
  const isFree = tls !== false && (target.sslMode === "prefer" || target.sslMode === "allow");
  if (!isFree) return connect(tls);
  const [first, second]: readonly [Tls, Tls] =
    target.sslMode === "allow" ? [false, tls] : [tls, false];
  try {
    return await connect(first);
  } catch (error) {
    if (!leadsOn(error)) throw error;
    return connect(second);
  }
}
