import { type RawBuilder, sql } from "kysely";
import { toFloat4Array } from "../../store/float4-array.ts";
import { PREPARED } from "../../store/prepared.ts";
import type { Lane } from "../../store/travel-together.ts";
import { filterSql, type MemoryFilter } from "./memory-filter.ts";
import type { RetrievalParams } from "./params.ts";
import { readInt8 } from "./read-int8.ts";
import { overBoth, ownIn, ownVectorsIn, type SearchedPlace } from "./searched-place.ts";

/** A space of vectors, and a place in it. */
export type QueryVector = Readonly<{
  fingerprint: string;
  vector: Float32Array;
  /** What the space is kept as: halfvec on a server, vector on the embedded database. */
  type: "halfvec" | "vector";
}>;

/** Where a memory stands: the key of its session, and its position there. */
export type Placed = Readonly<{ sessionKey: number; position: number }>;

/** Where each memory stands, and how near it is. */
export type PlacedCosine = Placed & Readonly<{ cosine: number }>;

/** Vectors of one session that stand one after the other. */
export type SessionCosines = Readonly<{
  sessionKey: number;
  positions: Float64Array;
  cosines: Float32Array;
}>;

/** Compares every memory: of one with several chunks the nearest counts. */
export async function findAllCosines(
  db: Lane,
  place: SearchedPlace,
  query: QueryVector,
): Promise<SessionCosines[]> {
  // grouped before they are put together: where the session is said there is nothing to sort or to hash
  const near = overBoth(
    place,
    "e",
    (where) => sql`SELECT n.session_key, ${PACKED} AS cosines
      FROM (
        SELECT e.session_key, e.position,
          -(e.embedding OPERATOR(public.<#>) (SELECT v FROM q)) AS cosine
        FROM duetmind.memory_embedding e
        WHERE ${where} AND e.model_fingerprint = ${query.fingerprint}
      ) AS n GROUP BY n.session_key`,
    ownVectorsIn,
  );
  const { rows } =
    await sql<PackedCosines>`${PREPARED} WITH q AS MATERIALIZED (SELECT ${toVector(query)} AS v)
    SELECT session_key, cosines FROM (${near}) AS s`.execute(db);
  return rows.map(unpack);
}

/** In the order of positions, each once with the nearest of its chunks: the server need not sort. */
function inOrder({ sessionKey, positions, cosines }: SessionCosines): SessionCosines {
  const count = positions.length;
  let isInOrder = true;
  for (let i = 1; i < count && isInOrder; i += 1) isInOrder = positions[i - 1]! < positions[i]!;
  if (isInOrder) return { sessionKey, positions, cosines };
  const order = Array.from(positions.keys()).sort((a, b) => positions[a]! - positions[b]!);
  const places = order.filter((at, i) => i === 0 || positions[at] !== positions[order[i - 1]!]);
  const nearest = new Float32Array(places.length).fill(Number.NEGATIVE_INFINITY);
  let to = -1;
  for (const at of order) {
    if (to < 0 || positions[at] !== positions[places[to]!]) to += 1;
    nearest[to] = Math.max(nearest[to]!, cosines[at]!);
  }
  return {
    sessionKey,
    positions: Float64Array.from(places, (at) => positions[at]!),
    cosines: nearest,
  };
}

/**
 * The nearest, by the index of the space where there is one; the transaction says how far it looks
 * (`indexSettings`).
 */
export async function findNearest(
  db: Lane,
  place: SearchedPlace,
  query: QueryVector,
  filter: MemoryFilter | undefined,
  most: number,
): Promise<PlacedCosine[]> {
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
    (where) => sql`SELECT e.session_key, e.position,
        e.embedding::${to} OPERATOR(public.<=>) (SELECT v FROM q) AS distance
      FROM duetmind.memory_embedding e
      WHERE ${where} AND e.model_fingerprint = ${sql.lit(fingerprint)} ${passes}
      ORDER BY e.embedding::${to} OPERATOR(public.<=>) (SELECT v FROM q) LIMIT ${sql.lit(most)}`,
    place.sessionId === undefined ? ownIn : ownVectorsIn,
  );
  // prepared with what the planner must see to take the index: a limit, and the model that it is of;
  // a filter wants a plan of its own
  const { rows } = await sql<
    Readonly<{ found: Buffer | null }>
  >`${filter === undefined ? PREPARED : sql``}
    WITH q AS MATERIALIZED (SELECT ${toVector(query)} AS v)
    SELECT string_agg(int8send(n.session_key) || ${ONE}, ''::bytea) AS found
    FROM (
      SELECT session_key, position, 1 - distance AS cosine FROM (${near}) AS each
      ORDER BY distance, position LIMIT ${sql.lit(most)}
    ) AS n`.execute(db);
  const bytes = rows[0]!.found ?? Buffer.alloc(0);
  const found: PlacedCosine[] = [];
  for (let at = 0; at < bytes.length; at += 20) {
    const [sessionKey, position] = [readInt8(bytes, at), readInt8(bytes, at + 8)];
    found.push({ sessionKey, position, cosine: bytes.readFloatBE(at + 16) });
  }
  return found;
}

/** How many candidates so many hits want: in doubles, for each number is a statement of its own. */
export function candidatesFor(
  hits: number,
  { candidates }: Pick<RetrievalParams, "candidates">,
): number {
  return candidates * 2 ** Math.max(0, Math.ceil(Math.log2(hits / candidates)));
}

/** The most that pgvector takes; where more are wanted, the scan goes on. */
const MOST_EF_SEARCH = 1_000;

/**
 * How many times as many an index looks at. That of the embedded database is built with fewer comparisons:
 * at 50,000 memories it finds 95 % of the ten nearest with 64 candidates, 99 % with 160 in a tenth more time.
 */
const LOOKS_FURTHER = { halfvec: 1, vector: 1.6 } as const;

/** What a transaction says once, so that an index looks at as many candidates as are wanted. */
export function indexSettings(
  params: Pick<RetrievalParams, "ef_search" | "candidates">,
  hits: number,
  type: QueryVector["type"],
): Readonly<Record<string, string>> {
  const most = Math.max(params.ef_search, candidatesFor(hits, params));
  const efSearch = Math.round(most * LOOKS_FURTHER[type]);
  return {
    "hnsw.ef_search": String(Math.min(MOST_EF_SEARCH, efSearch)),
    // what a filter leaves out does not count: the index goes on until there is enough
    "hnsw.iterative_scan": "relaxed_order",
  };
}

/** For each of these the memories just before it, it itself and those just after, in order. */
export async function findBeside(
  db: Lane,
  query: QueryVector,
  around: readonly Placed[],
  steps: number,
): Promise<SessionCosines[]> {
  if (around.length === 0) return [];
  const beside = (isBefore: boolean): RawBuilder<unknown> => sql`(
    SELECT e.position, -(e.embedding OPERATOR(public.<#>) (SELECT v FROM q)) AS cosine
    FROM duetmind.memory_embedding e
    WHERE e.session_key = a.session_key AND e.model_fingerprint = ${query.fingerprint} AND e.chunk = 0
      AND e.position ${sql.raw(isBefore ? "<=" : ">")} a.position
    ORDER BY e.position ${sql.raw(isBefore ? "DESC" : "ASC")}
    LIMIT ${sql.lit(isBefore ? steps + 1 : steps)})`;
  const { rows } =
    await sql<PackedCosines>`${PREPARED} WITH q AS MATERIALIZED (SELECT ${toVector(query)} AS v)
    SELECT a.session_key, b.cosines
    FROM unnest(${around.map(({ sessionKey }) => sessionKey)}::bigint[],
      ${around.map(({ position }) => position)}::bigint[]) AS a(session_key, position)
    CROSS JOIN LATERAL (
      SELECT ${PACKED} AS cosines
      FROM (${beside(true)} UNION ALL ${beside(false)}) AS n
    ) AS b WHERE b.cosines IS NOT NULL`.execute(db);
  return rows.map(unpack);
}

/** Each position and its cosine in 12 bytes: thousands of rows would take longer to read. */
const ONE = sql`int8send(n.position) || float4send(n.cosine::float4)`;
const PACKED = sql`string_agg(${ONE}, ''::bytea)`;

type PackedCosines = Readonly<{ session_key: number; cosines: Buffer }>;

function unpack({ session_key: sessionKey, cosines: bytes }: PackedCosines): SessionCosines {
  const count = bytes.length / 12;
  const positions = new Float64Array(count);
  const cosines = new Float32Array(count);
  for (let i = 0; i < count; i += 1) {
    positions[i] = readInt8(bytes, 12 * i);
    cosines[i] = bytes.readFloatBE(12 * i + 8);
  }
  return inOrder({ sessionKey, positions, cosines });
}

/** The type that an index and its queries name alike: the planner wants the same expression. */
export function typeOf(type: QueryVector["type"], dimensions: number): RawBuilder<unknown> {
  return sql.raw(`public.${type}(${Math.trunc(dimensions)})`);
}

/** Given once a statement: a plan that is kept for many would make it again for each row. */
function toVector({ type, vector }: QueryVector): RawBuilder<unknown> {
  return sql`${toFloat4Array([vector])}::float4[]::${typeOf(type, vector.length)}`;
}
