import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openEmbedder } from "../src/agent-memory/embedding/embedder.ts";
import { embeddingParams } from "../src/agent-memory/embedding/params.ts";
import { extractiveSummary } from "../src/agent-memory/life-cycle/summarise.ts";
import { createMemoryService } from "../src/agent-memory/memory-service.ts";
import { memoryParams } from "../src/agent-memory/params.ts";
import { NO_PRIVACY } from "../src/agent-memory/privacy/memory-privacy.ts";
import { realEffects } from "../src/core/effects.ts";
import { openDatabase } from "../src/store/database.ts";
import { migrateUp } from "../src/store/migrate.ts";
import { withOwnerConnection } from "../src/store/owner-connection.ts";
import { databaseParams } from "../src/store/params.ts";
import { killWhileStoring } from "../test/agent-memory/kill-while-storing.ts";
import startPostgresql from "../test/interop/postgresql-server.ts";
import { shortTexts } from "./memory-texts.ts";
import { treeUse } from "./process-tree.ts";
import { AS_BUILT, type BenchCase, reportBench } from "./result.ts";
import { freshDatabase, postmasterPid } from "./tracking-servers.ts";

/**
 * Storing memories of at most 32 tokens in batches of 100, embeddings included, two callers and two
 * embedding threads at once, while similar memories are associated in the background; and killing the
 * writer again and again. Each measurement is a process of its own; a rate is the best of the rounds. The PostgreSQL is that
 * of the interop tests.
 *
 *     npm run build && npm run bench bench/memory-store.ts [rounds]
 */
const BATCH = 100;
const BATCHES = 20;
const CALLERS = 2;
const KILLS = 20;

type Rate = Readonly<{
  memories_per_second: number;
  /** Of this process, the embedded database in it. */
  cpu_ms: number;
  postgresql_cpu_ms: number;
}>;

async function measureOnce(url: string, runtime: "native" | "wasm"): Promise<Rate> {
  const root = mkdtempSync(join(tmpdir(), "duetmind-bench-"));
  const effects = realEffects;
  try {
    const env = url === "" ? {} : { DATABASE_URL: url };
    const database = await openDatabase({ root, env, params: databaseParams.parse({}), effects });
    const embedding = embeddingParams.parse({ runtime, threads: 2 });
    const embedder = await openEmbedder({ root: CACHE, params: embedding, effects });
    const report = (error: unknown) => void process.stderr.write(`${error}\n`);
    const parts = {
      ...{ database, embedder, params: memoryParams.parse({}), effects, report },
      ...{ privacy: NO_PRIVACY, summarise: extractiveSummary },
    };
    const service = createMemoryService(parts);
    const memory = service.as({ tenant: "t", agent: "a", reach: "agent", actor: "bench" });
    const batches = batchesOf(shortTexts(BATCH * BATCHES));
    await memory.storeMemories(batchesOf(shortTexts(BATCH, 2))[0]!); // warm
    const postmaster = url === "" ? undefined : await postmasterPid();
    const server = () => (postmaster === undefined ? 0 : treeUse(postmaster).cpuSeconds);
    const [cpu, serverCpu, start] = [process.cpuUsage(), server(), performance.now()];
    const caller = async () => {
      for (let next = batches.shift(); next !== undefined; next = batches.shift()) {
        await memory.storeMemories(next);
      }
    };
    await Promise.all(Array.from({ length: CALLERS }, caller));
    const seconds = (performance.now() - start) / 1000;
    const { user, system } = process.cpuUsage(cpu);
    const count = BATCH * BATCHES;
    const rate = {
      memories_per_second: count / seconds,
      cpu_ms: (user + system) / 1000 / count,
      postgresql_cpu_ms: ((server() - serverCpu) * 1000) / count,
    };
    await service.close();
    await embedder.close();
    await database.close();
    return rate;
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

function batchesOf(texts: readonly string[]) {
  return Array.from({ length: texts.length / BATCH }, (_, b) =>
    texts
      .slice(b * BATCH, (b + 1) * BATCH)
      .map((content, i) => ({ sessionId: `session-${(b * BATCH + i) % 20}`, content })),
  );
}

async function migratedDatabase(name: string): Promise<string> {
  const url = await freshDatabase(name);
  const params = databaseParams.parse({});
  const options = { root: tmpdir(), env: { DATABASE_URL: url }, params, effects: realEffects };
  await withOwnerConnection(options, ({ connection }) => migrateUp(connection, new Date()));
  return url;
}

/** Where the model's graph is kept between the processes. */
const CACHE = join(tmpdir(), "duetmind-bench-models");

async function best(postgresql: boolean, runtime: "native" | "wasm", rounds: number) {
  let found: Rate | undefined;
  for (let round = 0; round < rounds; round += 1) {
    const url = postgresql ? await migratedDatabase("memory_store") : "";
    const argv = [...AS_BUILT, import.meta.filename, "once", url, runtime];
    const { stdout, stderr, status } = spawnSync(process.execPath, argv, { encoding: "utf8" });
    if (status !== 0) throw new Error(stderr);
    const rate = JSON.parse(stdout) as Rate;
    if (rate.memories_per_second > (found?.memories_per_second ?? 0)) found = rate;
  }
  return found!;
}

async function report(rounds: number): Promise<void> {
  const stop = await startPostgresql();
  try {
    const cases: BenchCase[] = [];
    for (const [name, postgresql, bar] of [
      ["PostgreSQL", true, 300],
      ["PGlite", false, 120],
    ] as const) {
      const native = await best(postgresql, "native", rounds);
      const wasm = await best(postgresql, "wasm", rounds);
      cases.push({
        case: `store batches of ${BATCH} memories with native embeddings on ${name}, memories/s`,
        ours: { ...native },
        peer: { name: "the same with embeddings by WebAssembly", ...wasm },
        figure: native.memories_per_second,
        bar: { op: ">=", value: bar },
      });
      const url = postgresql ? await migratedDatabase("memory_kill") : undefined;
      const root = mkdtempSync(join(tmpdir(), "duetmind-bench-"));
      const killed = await killWhileStoring(root, url, KILLS);
      rmSync(root, { recursive: true, force: true });
      cases.push({
        case: `kill -9 while storing on ${name}, ${KILLS} rounds: acknowledged memories lost, or memories by half`,
        ours: { ...killed },
        peer: { name: "none lost" },
        figure: killed.lost + killed.half,
        bar: { op: "<=", value: 0 },
      });
    }
    reportBench("memory-store", cases);
  } finally {
    stop();
  }
}

const [first = "3", url = "", runtime] = process.argv.slice(2);
if (first === "once") {
  process.stdout.write(JSON.stringify(await measureOnce(url, runtime as "native" | "wasm")));
} else {
  await report(Number(first));
}
