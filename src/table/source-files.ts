import { closeSync, openSync, readSync, statSync } from "node:fs";
import { DuetMindError } from "../core/errors.ts";
import { fromReadError } from "../core/files.ts";
import type { Engine } from "./engine.ts";
import { DATA_FORMATS, type DataFormat } from "./source-params.ts";
import { lit, sql } from "./sql.ts";

const EXTENSION = /\.(csv|tsv|parquet|json|ndjson|jsonl)(\.gz|\.zst)?$/i;

/** The format of a file by its name: .csv and .tsv may be .gz or .zst, .jsonl is NDJSON. */
export function formatOf(path: string): DataFormat {
  const extension = path.match(EXTENSION)?.[1]?.toLowerCase();
  if (extension === "jsonl") return "ndjson";
  if (extension !== undefined) return extension as DataFormat;
  throw new DuetMindError(
    "BAD_INPUT",
    `${path}: expected a name ending in ${DATA_FORMATS.map((f) => `.${f}`).join(", ")}, got another`,
    { file: path, hint: "give the source a `format:`" },
  );
}

/** The files that a path or glob names, in code point order; each is there, is a file, has bytes. */
export async function listFiles(engine: Engine, path: string): Promise<string[]> {
  const files = isGlob(path) ? await globFiles(engine, path) : [path];
  if (files.length === 0) {
    throw new DuetMindError("FILE_NOT_FOUND", `${path}: expected at least one file, got none`, {
      file: path,
    });
  }
  for (const file of files) checkFile(file);
  return files;
}

function isGlob(path: string): boolean {
  return /[*?[]/.test(path) && statSync(path, { throwIfNoEntry: false }) === undefined;
}

async function globFiles(engine: Engine, pattern: string): Promise<string[]> {
  const rows = await engine.rows(sql`SELECT file FROM glob(${lit(pattern)})`);
  return rows.map((row) => String(row["file"])).sort(byCodePoint);
}

/** JavaScript compares UTF-16 units, which differs from code points above U+FFFF. */
export function byCodePoint(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function checkFile(path: string): void {
  let fd: number;
  try {
    fd = openSync(path, "r");
  } catch (error) {
    throw fromReadError(error, path);
  }
  try {
    if (readSync(fd, Buffer.alloc(1)) === 0) {
      throw new DuetMindError("DATA_EMPTY", `${path}: expected data, got an empty file`, {
        file: path,
      });
    }
  } catch (error) {
    throw fromReadError(error, path);
  } finally {
    closeSync(fd);
  }
}
