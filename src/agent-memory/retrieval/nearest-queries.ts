import { type RawBuilder, sql } from "kysely";
import { toFloat4Array } from "../../store/float4-array.ts";
import type { Lane } from "../../store/travel-together.ts";
import { filterSql, type MemoryFilter } from "./memory-filter.ts";
import { readPacked } from "./packed-numbers.ts";
import type { RetrievalParams } from "./params.ts";
import {
  overBoth,
  ownIn,
  ownVectorsIn,
  placeStatement,
  type SearchedPlace,
} from "./searched-place.ts";
import {
  ONE,
  type PlacedCosine,
  type QueryVector,
  type Space,
  spaceOf,
  typeOf,
  withVector,
} from "./vector-queries.ts";

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
  const vector = toFloat4Array([query.vector]);
  const form = { ...spaceOf(query), fingerprint: query.fingerprint, most };
  // a filter wants a plan of its own
  const [row] =
    filter === undefined
      ? await compareNearest(db, place, form, { vector })
      : (await nearestSql(place, sql`${vector}`, form, filter).execute(db)).rows;
  const { ints, int8, floats } = readPacked(row!.found ?? Buffer.alloc(0));
  const found: PlacedCosine[] = [];
  for (let at = 0; at < ints.length; at += 5) {
    found.push({ sessionKey: int8(at), position: int8(at + 2), cosine: floats[at + 4]! });
  }
  return found;
}

/** What the planner must see to take the index: a limit, and the model that it is of. */
type NearestForm = Space & Readonly<{ fingerprint: string; most: number }>;
type PackedNearest = Readonly<{ found: Buffer | null }>;

const compareNearest = placeStatement<NearestForm, { vector: Buffer }, PackedNearest>(
  (place, { vector }, form) => nearestSql(place, vector, form),
);

function nearestSql(
  place: SearchedPlace<unknown>,
  vector: RawBuilder<unknown>,
  { fingerprint, most, ...space }: NearestForm,
  filter?: MemoryFilter,
): RawBuilder<PackedNearest> {
  const to = typeOf(space.type, space.dimensions);
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
  return sql`${withVector(space, vector)}
    SELECT string_agg(int8send(n.session_key) || ${ONE}, ''::bytea) AS found
    FROM (
      SELECT session_key, position, 1 - distance AS cosine FROM (${near}) AS each
      ORDER BY distance, position LIMIT ${sql.lit(most)}
    ) AS n`;
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
