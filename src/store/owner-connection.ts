import { type DatabaseOptions, LOCK_WAIT_MS } from "./database.ts";
import type { RowConnection } from "./dump-session.ts";
import { createEmbeddedAccess } from "./embedded-access.ts";
import { embeddedPaths } from "./embedded-paths.ts";
import { connectOwner } from "./embedded-pool.ts";
import { reachPostgresql } from "./postgresql-pool.ts";

export type OwnerConnection = Readonly<{
  connection: RowConnection;
  kind: "embedded" | "postgresql";
}>;

/** One connection that may change the schema, as it is: nothing is migrated on the way. */
export async function withOwnerConnection<T>(
  options: DatabaseOptions,
  act: (owner: OwnerConnection) => Promise<T>,
): Promise<T> {
  const url = options.env["DATABASE_URL"];
  if (url !== undefined && url !== "") {
    const connection = await (await reachPostgresql(url, options.params)).connect();
    try {
      return await act({ connection, kind: "postgresql" });
    } finally {
      await connection.end();
    }
  }
  const access = createEmbeddedAccess(
    {
      paths: embeddedPaths(options.root, options.env),
      waitMs: options.waitMs ?? LOCK_WAIT_MS,
      prepare: async () => {},
      beforeRestore: options.beforeRestore ?? (async () => {}),
    },
    options.effects,
  );
  try {
    const connection = await connectOwner(await access.reach());
    try {
      return await act({ connection, kind: "embedded" });
    } finally {
      await connection.end();
    }
  } finally {
    await access.close();
  }
}
