import type { OpenRows } from "./database-rows.ts";
import { openMysqlRows } from "./mysql-rows.ts";
import { openPostgresqlRows } from "./postgresql-rows.ts";
import { serverTarget } from "./server-target.ts";

/** A table or query of a server. */
export const openServerRows: OpenRows = async (request, effects) => {
  const target = serverTarget(request.subject, request.database.url!, request.sync.env);
  const open = target.server === "mysql" ? openMysqlRows : openPostgresqlRows;
  return open({ ...request, target }, effects);
};
