import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join as joinPath } from "node:path";
import type { DuckDBDataChunk } from "@duckdb/node-api";
import { copyNumbers } from "../table/chunk-values.ts";

/**
 * Columns of numbers that are read once from the engine and scanned many times. They go to a temporary
 * file in blocks, column by column within a block, and the last block stays in memory, so a small
 * table touches no disk. A pass over a column reads its part of each block.
 */
export type NumberSpool = Readonly<{
  rowCount: number;
  /** Adds the rows of a chunk, whose columns are those of the spool. */
  add(chunk: DuckDBDataChunk): void;
  /** Visits columns block by block; the arrays are the visitor's until it returns. */
  scan(columns: readonly number[], visit: (values: readonly Float64Array[]) => void): void;
  close(): void;
}>;

/** Rows of the engine's largest chunk. */
const CHUNK_ROWS = 2048;
/** Doubles of a block: 8 MB, unless a chunk of a wide table is larger. */
const BLOCK_VALUES = 1_048_576;

export function createNumberSpool(columnCount: number): NumberSpool {
  const capacity = Math.max(CHUNK_ROWS, Math.floor(BLOCK_VALUES / Math.max(1, columnCount)));
  const last = Array.from({ length: columnCount }, () => new Float64Array(capacity));
  let lastRows = 0;
  const written: number[] = [];
  /** Arrays that no scan uses now: each pass would leave new ones to the garbage collector. */
  const spare: Float64Array[] = [];
  let folder: string | undefined;
  let file = -1;

  function writeBlock(): void {
    if (folder === undefined) {
      folder = mkdtempSync(joinPath(tmpdir(), "duetmind-"));
      file = openSync(joinPath(folder, "numbers"), "w+");
    }
    for (const column of last) writeAll(file, bytesOf(column, lastRows));
    written.push(lastRows);
    lastRows = 0;
  }

  return {
    get rowCount() {
      return written.reduce((sum, rows) => sum + rows, lastRows);
    },
    add(chunk) {
      if (lastRows + chunk.rowCount > capacity) writeBlock();
      for (const [i, column] of last.entries()) copyNumbers(chunk, i, column, lastRows);
      lastRows += chunk.rowCount;
    },
    scan(columns, visit) {
      const blocks = columns.map(() => spare.pop() ?? new Float64Array(capacity));
      const show = (rows: number) => visit(blocks.map((block) => block.subarray(0, rows)));
      let start = 0;
      for (const rows of written) {
        for (const [i, column] of columns.entries()) {
          readAll(file, bytesOf(blocks[i]!, rows), (start + column * rows) * 8);
        }
        show(rows);
        start += rows * columnCount;
      }
      for (const [i, column] of columns.entries())
        blocks[i]!.set(last[column]!.subarray(0, lastRows));
      show(lastRows);
      spare.push(...blocks);
    },
    close() {
      if (folder === undefined) return;
      closeSync(file);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function bytesOf(values: Float64Array, rows: number): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, 8 * rows);
}

function writeAll(file: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length; ) {
    done += writeSync(file, bytes, done, bytes.length - done);
  }
}

function readAll(file: number, bytes: Uint8Array, position: number): void {
  for (let done = 0; done < bytes.length; ) {
    const count = readSync(file, bytes, done, bytes.length - done, position + done);
    if (count === 0) throw new Error("the numbers of a column end before their time");
    done += count;
  }
}
