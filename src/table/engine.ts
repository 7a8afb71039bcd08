import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import type { DuckDBAppender, DuckDBConnection, DuckDBDataChunk } from "@duckdb/node-api";
import { fromDuckDbError } from "./duckdb-error.ts";
import { collectIfLarge, createChunkRelease } from "./free-chunks.ts";
import { type Row, toRow } from "./row.ts";
import type { Sql } from "./sql.ts";

export type EngineOptions = Readonly<{
  threads?: number;
  memoryLimitMb?: number;
  /** Where data that exceeds the memory limit goes; a folder of its own under the system's unless told. */
  tempDirectory?: string;
}>;

/** One DuckDB in memory. Tables made by `run` are seen by every later call. */
export type Engine = Readonly<{
  threads: number;
  run(statement: Sql): Promise<void>;
  /** A small result as objects: integers are numbers while they are safe, else bigints. */
  rows(query: Sql): Promise<Row[]>;
  /** A result of any size, chunk by chunk, in the order of the query; a chunk is good until the next. */
  stream(query: Sql): AsyncIterable<DuckDBDataChunk>;
  /** Opens an existing table for rows from JavaScript (`append-table.ts`). */
  openAppender(table: string): Promise<DuckDBAppender>;
  /** Runs work with another number of threads for the whole engine. */
  withThreads<T>(threads: number, work: () => Promise<T>): Promise<T>;
  /** Changes what the whole engine may hold before it spills to disk. */
  limitMemory(megabytes: number): Promise<void>;
  /** Gives the system the memory that large statements and their results freed, and the allocators kept. */
  trimMemory(): Promise<void>;
  /** A name for a table that nothing else in this engine has. */
  freshName(): string;
  /** A path for a file that nothing else has, beside what the engine spills to disk; gone with it. */
  freshFile(): string;
  close(): void;
}>;

/** Loads the library, once in a process. */
export function loadDuckDb(): Promise<typeof import("@duckdb/node-api")> {
  return import("@duckdb/node-api");
}

/** Opens the engine; the library is loaded at the first call, since it takes a quarter of a second. */
export async function openEngine(options: EngineOptions = {}): Promise<Engine> {
  const { DuckDBInstance } = await loadDuckDb();
  const threads = options.threads ?? availableParallelism();
  const ownDirectory =
    options.tempDirectory === undefined ? mkdtempSync(join(tmpdir(), "duetmind-")) : undefined;
  const directory = options.tempDirectory ?? ownDirectory!;
  let memoryLimitMb = options.memoryLimitMb ?? defaultMemoryLimitMb();
  const instance = await DuckDBInstance.create(":memory:", {
    threads: String(threads),
    memory_limit: `${memoryLimitMb}MiB`,
    temp_directory: directory,
    // the built-in extensions are linked in; anything else would be fetched from the network
    autoinstall_known_extensions: "false",
    autoload_known_extensions: "false",
    allow_community_extensions: "false",
    preserve_insertion_order: "true",
    // what was read would stay, and grow with the files; the system keeps them in memory by itself
    enable_external_file_cache: "false",
    // else memory that a sort or a join gives back stays with the allocator, above the limit
    allocator_bulk_deallocation_flush_threshold: "16MiB",
  });
  const main = await connect();
  let names = 0;

  function limitMemory(megabytes: number): Promise<void> {
    memoryLimitMb = megabytes;
    return guard(async () => {
      await main.run(`SET memory_limit = '${megabytes}MiB'`);
    });
  }

  async function connect(): Promise<DuckDBConnection> {
    const connection = await instance.connect();
    await connection.run("SET TimeZone = 'UTC'");
    return connection;
  }

  function freshName(): string {
    names += 1;
    return `t${names}`;
  }

  async function guard<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw fromDuckDbError(error);
    }
  }

  return {
    threads,
    run: (statement) =>
      guard(async () => {
        await main.run(statement.text);
      }),
    rows: (query) =>
      guard(async () => {
        const result = await main.run(query.text);
        return (await result.getRowObjectsJS()).map(toRow);
      }),
    async *stream(query) {
      const connection = await connect(); // a pending stream would be cut off by the next statement
      const release = createChunkRelease();
      let next: Promise<DuckDBDataChunk | null> | undefined;
      try {
        const result = await guard(() => connection.stream(query.text));
        const fetch = () => {
          const fetched = guard(() => result.fetchChunk());
          fetched.catch(() => {}); // thrown when its turn comes
          return fetched;
        };
        next = fetch();
        for (;;) {
          const chunk = await next;
          if (chunk === null || chunk.rowCount === 0) return;
          next = fetch(); // made by another thread while this chunk is used
          yield chunk;
          release(chunk);
        }
      } finally {
        await next?.catch(() => {});
        connection.closeSync();
      }
    },
    openAppender: (table) => guard(() => main.createAppender(table)),
    async withThreads(count, work) {
      if (count === threads) return work();
      await main.run(`SET threads = ${count}`);
      try {
        return await work();
      } finally {
        await main.run(`SET threads = ${threads}`);
      }
    },
    limitMemory,
    trimMemory() {
      collectIfLarge();
      // a limit that is set, even to what it was, makes DuckDB return what its allocator keeps
      return limitMemory(memoryLimitMb);
    },
    freshName,
    freshFile() {
      mkdirSync(directory, { recursive: true });
      return join(directory, freshName());
    },
    close() {
      main.closeSync();
      instance.closeSync();
      if (ownDirectory !== undefined) rmSync(ownDirectory, { recursive: true, force: true });
    },
  };
}

/** A quarter of the memory that this process may use; what does not fit is spilled to disk. */
function defaultMemoryLimitMb(): number {
  const constrained = process.constrainedMemory();
  const total = totalmem();
  const usable = constrained > 0 && constrained < total ? constrained : total;
  return Math.max(512, Math.floor(usable / 4 / 1048576));
}
