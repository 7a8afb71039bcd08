import { z } from "zod";

const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** A table or a query of a database: of a server by `url`, or of a SQLite file. */
export const databaseSourceParams = z
  .strictObject({
    url: z
      .string()
      .regex(VARIABLE, "expected the name of the environment variable that holds the address")
      .optional()
      .describe("environment variable with postgres://… or mysql://…"),
    sqlite: z.string().min(1).optional().describe("SQLite file, relative to params.yaml"),
    table: z.string().min(1).optional().describe("as in SQL: name or schema.name"),
    query: z.string().min(1).optional(),
    order_by: z.array(z.string().min(1)).min(1).optional(),
    statement_timeout_ms: z.int().min(0).default(3_600_000).describe("of a server; 0 for none"),
  })
  .refine(({ url, sqlite }) => (url === undefined) !== (sqlite === undefined), {
    message: "expected either url or sqlite",
  })
  .refine(({ table, query }) => (table === undefined) !== (query === undefined), {
    message: "expected either table or query",
  });
export type DatabaseSourceParams = Readonly<z.infer<typeof databaseSourceParams>>;
