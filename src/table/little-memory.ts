import { isOutOfMemory } from "./duckdb-error.ts";
import type { Engine } from "./engine.ts";

/** What a stage that reads all rows may take: larger tables spill to disk, at little cost. */
export const MOST_MEMORY_MB = 512;

/**
 * What rows of so many columns need to be read, sorted and written: each thread holds a row group or
 * two of its own. More would be filled as soon as there are rows enough, so memory would grow with them.
 */
export function littleMemoryMb(threads: number, columns: number): number {
  return Math.min(MOST_MEMORY_MB, threads * (72 + 2 * columns));
}

/**
 * What sorts and joins of so many columns need: less, since they spill whatever does not fit, while a
 * writer holds its row groups until their turn comes.
 */
export function spillingMemoryMb(threads: number, columns: number): number {
  return Math.min(MOST_MEMORY_MB, threads * (28 + 2 * columns));
}

/**
 * What a join of many rows needs with sorts around it: it spills too, but holds a block of each of its
 * partitions, however few the threads.
 */
export function joiningMemoryMb(threads: number, columns: number): number {
  return Math.max(112, spillingMemoryMb(threads, columns));
}

/**
 * Does work over rows in so little memory, and once more in all that a stage may take if that is too
 * little, as for long texts; so the work must leave nothing behind when it throws.
 */
export async function inLittleMemory<T>(
  engine: Engine,
  megabytes: number,
  work: () => Promise<T>,
): Promise<T> {
  await engine.limitMemory(megabytes);
  try {
    return await work();
  } catch (error) {
    if (!isOutOfMemory(error)) throw error;
    await engine.limitMemory(MOST_MEMORY_MB);
    return await work();
  } finally {
    await engine.limitMemory(MOST_MEMORY_MB);
  }
}
