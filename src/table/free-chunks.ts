import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { DuckDBDataChunk } from "@duckdb/node-api";

/** Two megabytes of numbers. */
const VALUES = 1 << 18;
/** A chunk that lives through two collections is kept for long, so wide chunks wait for a few more. */
const CHUNKS = 4;

/**
 * Returns what is to be called after each chunk of a result was read, so that their memory is given
 * back. That happens when V8 collects the object around a chunk, and V8 sees small objects: it waits
 * until megabytes of them fill its young generation, with a hundred megabytes of values behind them.
 * So the young generation is collected each time that this many values have gone by. It costs nothing:
 * a collection finds next to nothing alive, and the next chunks lie in memory that is still in the cache.
 */
export function createChunkRelease(): (chunk: DuckDBDataChunk) => void {
  let values = 0;
  let chunks = 0;
  return ({ rowCount, columnCount }) => {
    values += rowCount * columnCount;
    chunks += 1;
    if (values < VALUES || chunks < CHUNKS) return;
    values = 0;
    chunks = 0;
    collector ??= findCollector();
    collector({ type: "minor" });
  };
}

/** A process of this size (resident bytes) has little to give back, and collects for longer than a small table takes. */
const SMALL = 192 * 2 ** 20;

/**
 * Has V8 give back what is not used any more, before a statement that takes memory of its own: V8 would
 * let it lie, for DuckDB's memory is none of its business. Ten milliseconds.
 */
export function collectIfLarge(): void {
  if (process.memoryUsage.rss() < SMALL) return;
  collector ??= findCollector();
  collector();
}

type Collect = (options?: Readonly<{ type: "minor" }>) => void; // of all generations, unless told

let collector: Collect | undefined;

/** Node shows its collector to a context that is made while the flag is set. */
function findCollector(): Collect {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as Collect;
  setFlagsFromString("--no-expose-gc");
  return collect;
}
