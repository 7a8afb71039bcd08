import { sql } from "kysely";
import { within } from "../../src/agent-memory/within.ts";
import type { OpenedDatabase } from "../../src/store/database.ts";

/** How many rows of a table a tenant has, or an agent of it, what has expired included. */
export async function countRows(
  database: OpenedDatabase,
  table: string,
  tenant: string,
  agent = "operator",
): Promise<number> {
  const operator = { tenant, agent, reach: "tenant" } as const;
  return within(database, { identity: operator, at: null }, async (db) => {
    const { rows } = await sql<{ n: number }>`SELECT count(*) AS n
      FROM ${sql.table(`duetmind.${table}`)}`.execute(db);
    return rows[0]!.n;
  });
}

type Association = Readonly<{ from: string; to: string; relation: string; strength: number }>;

/** The associations of a tenant, by what their memories say; symmetric ones either way round. */
export async function associationsOf(
  database: OpenedDatabase,
  tenant: string,
  isAutomatic: boolean,
): Promise<string[]> {
  const operator = { tenant, agent: "operator", reach: "tenant" } as const;
  return within(database, { identity: operator, at: null }, async (db) => {
    const { rows } = await sql<Association>`SELECT f.content AS "from", t.content AS "to",
        a.relation, a.strength
      FROM duetmind.memory_associations a JOIN duetmind.agent_memory f ON f.id = a.from_id
      JOIN duetmind.agent_memory t ON t.id = a.to_id
      WHERE a.is_automatic = ${isAutomatic}`.execute(db);
    return rows
      .map(({ from, to, ...rest }) => {
        const isDirected = !["similar", "contradicts"].includes(rest.relation);
        return JSON.stringify([isDirected ? [from, to] : [from, to].sort(), rest]);
      })
      .sort();
  });
}

/** The audit records of an actor, the first first. */
export async function auditOf(database: OpenedDatabase, actor: string) {
  const rows = await database.kysely
    .selectFrom("audit_event")
    .select(["action", "object_id", "after"])
    .where("actor", "=", actor)
    .orderBy("at")
    .orderBy("id")
    .execute();
  return rows.map((row) => ({ ...row, after: row.after as Record<string, unknown> }));
}
