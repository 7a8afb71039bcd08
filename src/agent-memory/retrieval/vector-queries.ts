import { type RawBuilder, sql } from "kysely";
import { toFloat4Array } from "../../store/float4-array.ts";
import { statement, statementsBy } from "../../store/statement.ts";
import type { Lane } from "../../store/travel-together.ts";
import { readPacked } from "./packed-numbers.ts";
import { overBoth, ownVectorsIn, placeStatement, type SearchedPlace } from "./searched-place.ts";

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
  const { fingerprint, vector } = query;
  const values = { fingerprint, vector: toFloat4Array([vector]) };
  return (await compareAll(db, place, spaceOf(query), values)).map(unpack);
}

const compareAll = placeStatement<Space, { fingerprint: string; vector: Buffer }, PackedCosines>(
  (place, { fingerprint, vector }, space) => {
    // grouped before they are put together: where the session is said there is nothing to sort or to hash
    const near = overBoth(
      place,
      "e",
      (where) => sql`SELECT n.session_key, ${PACKED} AS cosines
        FROM (
          SELECT e.session_key, e.position,
            -(e.embedding OPERATOR(public.<#>) (SELECT v FROM q)) AS cosine
          FROM duetmind.memory_embedding e
          WHERE ${where} AND e.model_fingerprint = ${fingerprint}
        ) AS n GROUP BY n.session_key`,
      ownVectorsIn,
    );
    return sql`${withVector(space, vector)} SELECT session_key, cosines FROM (${near}) AS s`;
  },
);

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

/** For each of these the memories just before it, it itself and those just after, in order. */
export async function findBeside(
  db: Lane,
  query: QueryVector,
  around: readonly Placed[],
  steps: number,
): Promise<SessionCosines[]> {
  if (around.length === 0) return [];
  const rows = await compareBeside({ ...spaceOf(query), steps })(db, {
    fingerprint: query.fingerprint,
    vector: toFloat4Array([query.vector]),
    sessionKeys: around.map(({ sessionKey }) => sessionKey),
    positions: around.map(({ position }) => position),
  });
  return rows.map(unpack);
}

type BesideValues = {
  fingerprint: string;
  vector: Buffer;
  sessionKeys: readonly number[];
  positions: readonly number[];
};

const compareBeside = statementsBy(
  (form: Space & Readonly<{ steps: number }>) => JSON.stringify(form),
  ({ steps, ...space }) =>
    statement<BesideValues, PackedCosines>(({ fingerprint, vector, sessionKeys, positions }) => {
      const beside = (isBefore: boolean): RawBuilder<unknown> => sql`(
        SELECT e.position, -(e.embedding OPERATOR(public.<#>) (SELECT v FROM q)) AS cosine
        FROM duetmind.memory_embedding e
        WHERE e.session_key = a.session_key AND e.model_fingerprint = ${fingerprint} AND e.chunk = 0
          AND e.position ${sql.raw(isBefore ? "<=" : ">")} a.position
        ORDER BY e.position ${sql.raw(isBefore ? "DESC" : "ASC")}
        LIMIT ${sql.lit(isBefore ? steps + 1 : steps)})`;
      return sql`${withVector(space, vector)} SELECT a.session_key, b.cosines
        FROM unnest(${sessionKeys}::bigint[], ${positions}::bigint[]) AS a(session_key, position)
        CROSS JOIN LATERAL (
          SELECT ${PACKED} AS cosines
          FROM (${beside(true)} UNION ALL ${beside(false)}) AS n
        ) AS b WHERE b.cosines IS NOT NULL`;
    }),
);

/** Each position and its cosine in 12 bytes: thousands of rows would take longer to read. */
export const ONE = sql`int8send(n.position) || float4send(n.cosine::float4)`;
const PACKED = sql`string_agg(${ONE}, ''::bytea)`;

type PackedCosines = Readonly<{ session_key: number; cosines: Buffer }>;

function unpack({ session_key: sessionKey, cosines: bytes }: PackedCosines): SessionCosines {
  const { int8, floats } = readPacked(bytes);
  const count = floats.length / 3;
  const positions = new Float64Array(count);
  const cosines = new Float32Array(count);
  for (let i = 0; i < count; i += 1) {
    positions[i] = int8(3 * i);
    cosines[i] = floats[3 * i + 2]!;
  }
  return inOrder({ sessionKey, positions, cosines });
}

/** The type that an index and its queries name alike: the planner wants the same expression. */
export function typeOf(type: QueryVector["type"], dimensions: number): RawBuilder<unknown> {
  return sql.raw(`public.${type}(${Math.trunc(dimensions)})`);
}

/** What the text of a statement says of vectors. */
export type Space = Readonly<{ type: QueryVector["type"]; dimensions: number }>;

export function spaceOf({ type, vector }: QueryVector): Space {
  return { type, dimensions: vector.length };
}

/** Made once a statement: a plan that is kept for many would make it again for each row. */
export function withVector(
  { type, dimensions }: Space,
  numbers: RawBuilder<unknown>,
): RawBuilder<unknown> {
  return sql`WITH q AS MATERIALIZED (SELECT ${numbers}::float4[]::${typeOf(type, dimensions)} AS v)`;
}
