import { type RawBuilder, sql } from "kysely";
import { type Marks, statement, statementsBy } from "../../store/statement.ts";
import type { Lane } from "../../store/travel-together.ts";
import type { MemoryIdentity } from "../memory.ts";

/**
 * What a search is over, as conditions that indexes take; what of it the caller may see is left to the
 * policies, whose conditions no index takes.
 */
export type SearchedPlace<Text = string> = Readonly<{
  identity: Readonly<{ tenant: Text; agent: Text; reach: MemoryIdentity["reach"] }>;
  sessionId: Text | undefined;
}>;

type AnyPlace = SearchedPlace<unknown>;

/**
 * A statement about a place. `form` is what its text depends on beside the form of the place: few, for each is a
 * statement of its own.
 */
export function placeStatement<Form, Values extends object, Row>(
  build: (place: AnyPlace, marks: Marks<Values>, form: Form) => RawBuilder<Row>,
) {
  const statementOf = statementsBy(nameOf, ({ place: { identity, sessionId }, form }: Asked) =>
    statement<Values & PlaceValues, Row>((marks) => {
      const { tenant, agent } = marks as Marks<PlaceValues>;
      const session = sessionId === undefined ? undefined : marks.sessionId;
      const place = { identity: { tenant, agent, reach: identity.reach }, sessionId: session };
      return build(place, marks as Marks<Values>, form);
    }),
  );
  return (lane: Lane, place: SearchedPlace, form: Form, values: Values): Promise<Row[]> => {
    const { identity, sessionId } = place;
    const { tenant, agent } = identity;
    return statementOf({ place, form })(lane, { ...values, tenant, agent, sessionId });
  };

  type Asked = Readonly<{ place: SearchedPlace; form: Form }>;
  function nameOf({ place, form }: Asked): string {
    return JSON.stringify([place.identity.reach, place.sessionId === undefined, form]);
  }
}

type PlaceValues = { tenant: string; agent: string; sessionId: string | undefined };

/** The caller's own memories: of the session, else of the agent, else of the tenant. */
export function ownIn({ identity, sessionId }: AnyPlace, table: string): RawBuilder<boolean> {
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
export function ownVectorsIn(place: AnyPlace, table: string): RawBuilder<boolean> {
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
  { identity, sessionId }: AnyPlace,
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
  place: AnyPlace,
  table: string,
  select: (where: RawBuilder<boolean>) => RawBuilder<unknown>,
  whose = ownIn,
): RawBuilder<unknown> {
  const shared = sharedIn(place, table);
  const own = select(whose(place, table));
  return shared === undefined ? own : sql`(${own}) UNION ALL (${select(shared)})`;
}
