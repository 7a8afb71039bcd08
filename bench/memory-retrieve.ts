import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { sql } from "kysely";
import pg from "pg";
import { extractiveSummary } from "../src/agent-memory/life-cycle/summarise.ts";
import type { MemoryIdentity } from "../src/agent-memory/memory.ts";
import type { MemoryParts } from "../src/agent-memory/memory-parts.ts";
import { createMemoryService } from "../src/agent-memory/memory-service.ts";
import { memoryParams } from "../src/agent-memory/params.ts";
import { vectorType } from "../src/agent-memory/retrieval/index-vectors.ts";
import { findNearest, indexSettings } from "../src/agent-memory/retrieval/nearest-queries.ts";
import { findAllCosines } from "../src/agent-memory/retrieval/vector-queries.ts";
import { within } from "../src/agent-memory/within.ts";
import { realEffects } from "../src/core/effects.ts";
import { createRandom } from "../src/core/random.ts";
import { type OpenedDatabase, openDatabase } from "../src/store/database.ts";
import { migrateUp } from "../src/store/migrate.ts";
import { databaseParams } from "../src/store/params.ts";
import { startServer } from "../test/interop/postgresql-server.ts";
import { type BenchCase, reportBench } from "./result.ts";

/**
 * How long retrieval takes without embedding, and what its approximate index finds of what comparing each memory
 * finds: 100,000 memories on PostgreSQL, 50,000 on the embedded database, in sessions of 2,000.
 *
 * Vectors of 384 numbers around 1,000 centres in groups of 20, as texts of some subjects have them; a query is a
 * stored vector moved as far again. Texts of 16 words, frequent ones as often as Zipf's law has it,
 * of a vocabulary of 20,000; a query has four of them. PostgreSQL has room for the tables and their
 * indexes in its memory (1 GB), as a server that is set up for its data has. Clocked are five rounds of a process
 * that has asked all of the queries once, of a server that has nothing else to do: linking and vacuum
 * have ended.
 *
 *     npm run bench bench/memory-retrieve.ts [postgresql|embedded] [memories]
 */
const [, , kind = "postgresql", count] = process.argv;
const MEMORIES = Number(count ?? (kind === "embedded" ? 50_000 : 100_000));
const SESSION = 2_000;
const DIMENSIONS = 384;
const QUERIES = 200;
const CLOCKED_ROUNDS = 5;

const random = createRandom(7);
const identity: MemoryIdentity = {
  tenant: "bench",
  agent: "bench",
  reach: "agent",
  actor: "bench",
};
const groups = Array.from({ length: 50 }, () => noise(1));
const centres = Array.from({ length: 1_000 }, (_, i) => moved(groups[i % 50]!, 0.8));
const vectors = Array.from({ length: MEMORIES }, (_, i) => moved(centres[i % 1_000]!, 0.8));
const texts = vectors.map((_, i) => `m${i} ${words(16)}`);

const root = mkdtempSync(join(tmpdir(), "duetmind-bench-"));
const stop = kind === "embedded" ? () => {} : await startServer({ shared_buffers: "1GB" });
const database = await open();
const cases: BenchCase[] = [];
try {
  let next: Float32Array = new Float32Array();
  const at = new Map(texts.map((text, i) => [text, i]));
  const embedder = {
    ...{
      fingerprint: "synthetic",
      model: "synthetic",
      runtime: "native" as const,
      dimensions: DIMENSIONS,
    },
    embed: async (given: readonly string[]) => given.map((text) => [vectors[at.get(text)!]!]),
    embedQuery: async () => next,
    close: async () => {},
  };
  const params = memoryParams.parse({ associations: { similar_above: 1.01 } });
  const privacy = { redact: undefined, seal: undefined };
  const more = { privacy, summarise: extractiveSummary, report: console.error };
  const parts: MemoryParts = { database, embedder, params, effects: realEffects, ...more };
  const service = createMemoryService(parts);
  const memory = service.as(identity);
  const stored = await timed(async () => {
    for (let from = 0; from < MEMORIES; from += 500) {
      const batch = texts.slice(from, from + 500);
      const sessionId = `s${Math.floor(from / SESSION)}`;
      await memory.storeMemories(batch.map((content) => ({ sessionId, content })));
    }
  });
  const built = await timed(async () => {
    const { isIndexed } = await service.upkeep();
    if (!isIndexed) throw new Error("expected an index");
  });
  await database.renewStatistics();
  await atRest();
  const queries = Array.from({ length: QUERIES }, (_, i) => ({
    vector: moved(vectors[(i * 7_919) % MEMORIES]!, 0.8),
    query: words(4),
    sessionId: `s${i % Math.floor(MEMORIES / SESSION)}`,
  }));
  const sizes = await readSizes();
  cases.push(await recallCase(queries.slice(0, 50).map(({ vector }) => vector)));
  for (const where of ["across sessions", "within a session"] as const) {
    const times: number[] = [];
    const rounds = Array.from({ length: 1 + CLOCKED_ROUNDS }, () => queries).flat();
    for (const [i, { vector, query, sessionId }] of rounds.entries()) {
      next = vector;
      const start = performance.now();
      await memory.retrieveMemories({
        query,
        ...(where === "across sessions" ? {} : { sessionId }),
      });
      if (i >= QUERIES) times.push(performance.now() - start);
    }
    times.sort((a, b) => a - b);
    const [p50, p95] = [times[times.length / 2]!, times[Math.floor(times.length * 0.95)]!];
    const ours = { p50_ms: p50, p95_ms: p95, ...stored("store"), ...built("index"), ...sizes };
    const peer = { name: "limit", p50_ms: kind === "embedded" ? 15 : 5, p95_ms: 15 };
    const name = `retrieve ${where}, ${MEMORIES} memories, ${kind}, without embedding`;
    const bar = { op: "<=", value: peer.p50_ms } as const;
    cases.push({ case: `${name}: p50 in ms`, ours, peer, figure: p50, bar });
    if (kind !== "embedded") {
      cases.push({
        case: `${name}: p95 in ms`,
        ours,
        peer,
        figure: p95,
        bar: { op: "<=", value: 15 },
      });
    }
  }
  reportBench(`memory-retrieve-${kind}`, cases);
  await service.close();
} finally {
  await database.close();
  stop();
  rmSync(root, { recursive: true, force: true });
}

async function open(): Promise<OpenedDatabase> {
  const url = process.env["DUETMIND_TEST_DATABASE_URL"];
  const env = kind === "embedded" || url === undefined ? {} : { DATABASE_URL: url };
  if (kind !== "embedded") {
    const client = new pg.Client(url!);
    await client.connect();
    await migrateUp(client, new Date());
    await client.end();
  }
  return openDatabase({ root, env, params: databaseParams.parse({}), effects: realEffects });
}

/** Ends when nothing else works on the database: what was stored last is linked and vacuumed a while. */
async function atRest(): Promise<void> {
  for (let quiet = 0; quiet < 3; ) {
    const { rows } = await sql<{ busy: number }>`SELECT count(*)::int AS busy FROM pg_stat_activity
      WHERE pid <> pg_backend_pid() AND (state = 'active' OR backend_type = 'autovacuum worker')`.execute(
      database.kysely,
    );
    quiet = rows[0]!.busy === 0 ? quiet + 1 : 0;
    await setTimeout(500);
  }
}

/** Of the ten nearest of each query the share that the index finds. */
async function recallCase(queries: readonly Float32Array[]): Promise<BenchCase> {
  const place = { identity, sessionId: undefined };
  const { retrieval: params } = memoryParams.parse({});
  const settings = indexSettings(params, 10, vectorType(database));
  let found = 0;
  for (const vector of queries) {
    const query = { fingerprint: "synthetic", vector, type: vectorType(database) };
    // sorted behind the transaction, which ends when it says nothing for too long
    const { each, near } = await within(database, { identity, at: null, settings }, async (db) => ({
      each: await findAllCosines(db, place, query),
      near: await findNearest(db, place, query, undefined, params.candidates),
    }));
    const all = each.flatMap(({ positions, cosines }) =>
      [...positions].map((position, i) => ({ position, cosine: cosines[i]! })),
    );
    all.sort((a, b) => b.cosine - a.cosine);
    const ten = new Set(near.slice(0, 10).map(({ position }) => position));
    found += all.slice(0, 10).filter(({ position }) => ten.has(position)).length;
  }
  return {
    case: `recall@10 of HNSW against exact, ${MEMORIES} memories, ${kind} (${vectorType(database)})`,
    ours: { queries: queries.length, ef_search: params.ef_search },
    peer: { name: "comparing each" },
    figure: found / (10 * queries.length),
    bar: { op: ">=", value: 0.98 },
  };
}

async function readSizes(): Promise<Record<string, number>> {
  const { rows } = await sql<{ name: string; bytes: string }>`SELECT c.relname AS name,
      pg_relation_size(c.oid) AS bytes FROM pg_class c
    WHERE c.relnamespace = 'duetmind'::regnamespace
      AND (c.relname LIKE 'memory\_embedding%' OR c.relname LIKE 'memory\_terms%')`.execute(
    database.kysely,
  );
  return Object.fromEntries(
    rows.map(({ name, bytes }) => [
      `${name.replace(/_[0-9a-f]{12}$/, "")}_mb`,
      Math.round(Number(bytes) / 1e5) / 10,
    ]),
  );
}

async function timed(work: () => Promise<void>) {
  const cpu = process.cpuUsage();
  const start = performance.now();
  await work();
  const seconds = (performance.now() - start) / 1_000;
  const { user, system } = process.cpuUsage(cpu);
  return (name: string) => ({
    [`${name}_seconds`]: seconds,
    [`${name}_client_cpu_seconds`]: (user + system) / 1e6,
  });
}

function noise(length: number): Float32Array {
  const vector = Float32Array.from({ length: DIMENSIONS }, () => random.normal());
  const size = Math.hypot(...vector) / length;
  return vector.map((value) => value / size);
}

/** A vector that far away, of length 1 again. */
function moved(from: Float32Array, distance: number): Float32Array {
  const step = noise(distance);
  const to = from.map((value, i) => value + step[i]!);
  const size = Math.hypot(...to);
  return to.map((value) => value / size);
}

/** The n-th most frequent word is as frequent as 1 ÷ n. */
function words(length: number): string {
  const word = () => `w${Math.floor(20_000 ** random.uniform())}`;
  return Array.from({ length }, word).join(" ");
}
