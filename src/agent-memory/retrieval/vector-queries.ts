import { type RawBuilder, sql } from "kysely";
import type { Database } from "../../store/database.ts";
import { filterSql, type MemoryFilter } from "./memory-filter.ts";
import { readFloat4Array, readInt8Array } from "./read-array.ts";
import { overBoth, type SearchedPlace } from "./searched-place.ts";

/** A space of vectors, and a place in it. */
export type QueryVector = Readonly<{
  fingerprint: string;
  vector: Float32Array;
  /** What the index of the space is over: halfvec on a server, vector on the embedded database. */
  type: "halfvec" | "vector";
}>;

/** Where each memory stands in its session, and how near it is. */
export type PlacedCosine = Readonly<{
  position: number;
  agent: string;
  sessionId: string;
  cosine: number;
}>;

/** Vectors of one session that stand one after the other. */
export type SessionCosines = Readonly<{
  agent: string;
  sessionId: string;
  positions: Float64Array;
  cosines: Float32Array;
}>;

/** Compares every memory: of one with several chunks the nearest counts. */
export async function findAllCosines(
  db: Database,
  place: SearchedPlace,
  { fingerprint, vector }: QueryVector,
): Promise<SessionCosines[]> {
  const near = overBoth(
    place,
    "e",
    (where) => sql`SELECT e.agent, e.session_id, e.position,
        max(-(e.embedding OPERATOR(public.<#>) ${toText(vector)}::public.vector))::float4 AS cosine
      FROM duetmind.memory_embedding e
      WHERE ${where} AND e.model_fingerprint = ${fingerprint}
      GROUP BY e.agent, e.session_id, e.position`,
  );
  const { rows } =
    await sql<CosineArrays>`SELECT agent, session_id, array_send(array_agg(position ORDER BY position)) AS positions,
      array_send(array_agg(cosine ORDER BY position)) AS cosines
    FROM (${near}) AS n GROUP BY agent, session_id ORDER BY agent, session_id`.execute(db);
  return rows.map(toSessionCosines);
}

/** The nearest, by the index of the space where there is one. */
export async function findNearest(
  db: Database,
  place: SearchedPlace,
  query: QueryVector,
  filter: MemoryFilter | undefined,
  most: number,
  efSearch: number,
): Promise<PlacedCosine[]> {
  // what the filter leaves out does not count: the index goes on until there is enough
  await sql`SELECT set_config('hnsw.ef_search', ${String(Math.max(efSearch, most))}, true),
    set_config('hnsw.iterative_scan', 'relaxed_order', true)`.execute(db);
  const { fingerprint, vector, type } = query;
  const to = typeOf(type, vector.length);
  const passes =
    filter === undefined
      ? sql``
      : sql`AND EXISTS (SELECT FROM duetmind.agent_memory m
          WHERE m.id = e.memory_id AND ${filterSql(filter)})`;
  const near = overBoth(
    place,
    "e",
    (where) => sql`SELECT e.agent, e.session_id, e.position,
        1 - (e.embedding::${to} OPERATOR(public.<=>) ${toText(vector)}::${to}) AS cosine
      FROM duetmind.memory_embedding e
      WHERE ${where} AND e.model_fingerprint = ${fingerprint} ${passes}
      ORDER BY e.embedding::${to} OPERATOR(public.<=>) ${toText(vector)}::${to} LIMIT ${most}`,
  );
  const { rows } = await sql<{
    agent: string;
    session_id: string;
    position: string;
    cosine: number;
  }>`SELECT agent, session_id, position::text, cosine FROM (${near}) AS n
    ORDER BY cosine DESC, position LIMIT ${most}`.execute(db);
  return rows.map((row) => placed(row));
}

/** For each of these the memories just before it, it itself and those just after, in order. */
export async function findBeside(
  db: Database,
  place: SearchedPlace,
  { fingerprint, vector }: QueryVector,
  around: readonly Readonly<{ agent: string; sessionId: string; position: number }>[],
  steps: number,
): Promise<SessionCosines[]> {
  if (around.length === 0) return [];
  const beside = (isBefore: boolean): RawBuilder<unknown> => sql`(
    SELECT e.agent, e.session_id, e.position, e.embedding FROM duetmind.memory_embedding e
    WHERE e.tenant = ${place.identity.tenant} AND e.agent = a.agent AND e.session_id = a.session_id
      AND e.model_fingerprint = ${fingerprint} AND e.chunk = 0
      AND e.position ${sql.raw(isBefore ? "<=" : ">")} a.position
    ORDER BY e.position ${sql.raw(isBefore ? "DESC" : "ASC")}
    LIMIT ${isBefore ? steps + 1 : steps})`;
  const { rows } = await sql<CosineArrays>`SELECT a.agent, a.session_id,
      array_send(array_agg(n.position ORDER BY n.position)) AS positions,
      array_send(array_agg((-(n.embedding OPERATOR(public.<#>)
        ${toText(vector)}::public.vector))::float4 ORDER BY n.position)) AS cosines
    FROM unnest(${around.map(({ agent }) => agent)}::text[],
      ${around.map(({ sessionId }) => sessionId)}::text[],
      ${around.map(({ position }) => position)}::bigint[])
      WITH ORDINALITY AS a(agent, session_id, position, n)
    CROSS JOIN LATERAL (${beside(true)} UNION ALL ${beside(false)}) AS n
    GROUP BY a.agent, a.session_id, a.n ORDER BY a.n`.execute(db);
  return rows.map(toSessionCosines);
}

type CosineArrays = Readonly<{
  agent: string;
  session_id: string;
  positions: Buffer;
  cosines: Buffer;
}>;

function toSessionCosines(row: CosineArrays): SessionCosines {
  return {
    agent: row.agent,
    sessionId: row.session_id,
    positions: readInt8Array(row.positions),
    cosines: readFloat4Array(row.cosines),
  };
}

function placed(
  row: Readonly<{ agent: string; session_id: string; position: string; cosine: number }>,
): PlacedCosine {
  const { agent, session_id: sessionId, position, cosine } = row;
  return { agent, sessionId, position: Number(position), cosine };
}

/** The type that an index and its queries name alike: the planner wants the same expression. */
export function typeOf(type: QueryVector["type"], dimensions: number): RawBuilder<unknown> {
  return sql.raw(`public.${type}(${Math.trunc(dimensions)})`);
}

export function toText(vector: Float32Array): string {
  return `[${vector.join(",")}]`;
}
