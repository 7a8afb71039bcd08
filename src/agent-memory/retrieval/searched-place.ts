import { type RawBuilder, sql } from "kysely";
import type { MemoryIdentity } from "../memory.ts";

/**
 * What a search is over, as conditions that indexes take; what of it the caller may see is left to the
 * policies, whose conditions no index takes.
 */
export type SearchedPlace = Readonly<{
  identity: MemoryIdentity;
  sessionId: string | undefined;
}>;

/** The caller's own memories: of the session, else of the agent, else of the tenant. */
export function ownIn({ identity, sessionId }: SearchedPlace, table: string): RawBuilder<boolean> {
  const at = (column: string) => sql.ref(`${table}.${column}`);
  const conditions = [sql`${at("tenant")} = ${identity.tenant}`];
  if (identity.reach !== "tenant") conditions.push(sql`${at("agent")} = ${identity.agent}`);
  if (sessionId !== undefined) conditions.push(sql`${at("session_id")} = ${sessionId}`);
  return sql`${sql.join(conditions, sql` AND `)}`;
}

/**
 * The same as a condition on vectors, by the key of a session, which their index takes. Who asks within a
 * session sees no other one's anyway, and three texts that are compared for each vector cost more than its product.
 */
export function ownVectorsIn(place: SearchedPlace, table: string): RawBuilder<boolean> {
  const { identity, sessionId } = place;
  const { tenant, agent, reach } = identity;
  const key = sql.ref(`${table}.session_key`);
  return sessionId !== undefined && reach !== "tenant"
    ? sql`${key} = duetmind.session_key(${tenant}, ${agent}, ${sessionId})`
    : sql`${ownIn(place, table)} AND ${key} = ANY (${sessionKeys(ownIn(place, "s"))})`;
}

/** The keys of the sessions, in the table `s`, of which a condition is true. */
export function sessionKeys(where: RawBuilder<boolean>): RawBuilder<number[]> {
  return sql`ARRAY(SELECT duetmind.session_key(s.tenant, s.agent, s.session_id)
    FROM duetmind.agent_sessions s WHERE ${where})`;
}

/** What others share with the caller; undefined for one who sees everything of a tenant anyway. */
export function sharedIn(
  { identity, sessionId }: SearchedPlace,
  table: string,
): RawBuilder<boolean> | undefined {
  if (identity.reach === "tenant") return undefined;
  const at = (column: string) => sql.ref(`${table}.${column}`);
  const isOwn =
    sessionId === undefined
      ? sql`${at("agent")} = ${identity.agent}`
      : sql`(${at("agent")} = ${identity.agent} AND ${at("session_id")} = ${sessionId})`;
  return sql`${at("tenant")} = ${identity.tenant} AND ${at("scope")} <> 'session' AND NOT ${isOwn}`;
}

/** The same query over what is the caller's own and what is shared, one after the other. */
export function overBoth(
  place: SearchedPlace,
  table: string,
  select: (where: RawBuilder<boolean>) => RawBuilder<unknown>,
  whose = ownIn,
): RawBuilder<unknown> {
  const shared = sharedIn(place, table);
  const own = select(whose(place, table));
  return shared === undefined ? own : sql`(${own}) UNION ALL (${select(shared)})`;
}
