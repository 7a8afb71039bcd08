import { parseConnectionUrl } from "../core/connection-url.ts";
import { DuetMindError } from "../core/errors.ts";
import type { OpenRows } from "./database-rows.ts";
import { openMysqlRows } from "./mysql-rows.ts";
import { openPostgresqlRows } from "./postgresql-rows.ts";

/** A table or query of the server whose address the environment holds; its scheme says which kind. */
export const openServerRows: OpenRows = async (request, effects) => {
  const variable = request.database.url!;
  const address = request.sync.env[variable];
  if (address === undefined || address === "") {
    throw new DuetMindError(
      "CONFIG_INVALID",
      `${request.subject}.database.url: expected the environment to have ${variable}, got nothing`,
      { hint: `put ${variable}=postgres://user:password@host:port/database into .env` },
    );
  }
  const target = parseConnectionUrl(address, { variable, servers: ["postgresql", "mysql"] });
  const open = target.server === "mysql" ? openMysqlRows : openPostgresqlRows;
  return open({ ...request, target }, effects);
};
