import { z } from "zod";

/** params.yaml: `database`. The address itself is a secret: DATABASE_URL, in .env or the environment. */
export const databaseParams = z.strictObject({
  pool_size: z.int().min(1).max(500).default(10),
  statement_timeout_ms: z.int().min(0).default(30_000),
});

export type DatabaseParams = Readonly<z.infer<typeof databaseParams>>;
