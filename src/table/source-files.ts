import { closeSync, openSync, readdirSync, readSync, statSync } from "node:fs";
import { join } from "node:path";
import { DuetMindError } from "../core/errors.ts";
import { fromReadError } from "../core/files.ts";
import type { Engine } from "./engine.ts";
import { type FoundFile, readPathValues, toGlob, toSlashes } from "./path-values.ts";
import { DATA_FORMATS, type DataFormat } from "./source-params.ts";
import { lit, sql } from "./sql.ts";

const EXTENSION = /\.(?:(csv|tsv|json|ndjson|jsonl)(?:\.gz|\.zst)?|(parquet|xlsx))$/i;

/** The format of a file by its name: text may be .gz or .zst, .jsonl is NDJSON. */
export function formatOf(path: string): DataFormat {
  const format = knownFormat(path);
  if (format !== undefined) return format;
  throw new DuetMindError(
    "BAD_INPUT",
    `${path}: expected a name ending in ${DATA_FORMATS.map((f) => `.${f}`).join(", ")}, got another`,
    { file: path, hint: "name the format: `format:` of a source, --format of a command" },
  );
}

function knownFormat(path: string): DataFormat | undefined {
  const match = path.match(EXTENSION);
  const extension = (match?.[1] ?? match?.[2])?.toLowerCase();
  return extension === "jsonl" ? "ndjson" : (extension as DataFormat | undefined);
}

/** The one format of files: as declared, else by their names, which must agree. */
export function commonFormat(files: readonly FoundFile[], declared?: DataFormat): DataFormat {
  if (declared !== undefined) return declared;
  const format = formatOf(files[0]!.path);
  const other = files.find(({ path }) => formatOf(path) !== format);
  if (other === undefined) return format;
  throw new DuetMindError(
    "BAD_INPUT",
    `${other.path}: expected ${format} like ${files[0]!.path}, got ${formatOf(other.path)}`,
    { file: other.path, hint: "a source has files of one format; make two sources of them" },
  );
}

/**
 * The files that a path, a folder, a glob or a path with `{name}` names, in code point order; each is
 * there, is a file, has bytes. In a folder they are those of a known format at any depth; names that
 * start with "." or "_" are left out, as what writes such folders puts its own notes there.
 */
export async function listFiles(
  engine: Engine,
  path: string,
  format?: DataFormat,
): Promise<FoundFile[]> {
  const state = statSync(path, { throwIfNoEntry: false });
  if (state === undefined && /[*?[{]/.test(path)) return found(path, await globFiles(engine, path));
  if (state?.isDirectory() !== true) {
    checkFile(path);
    return [{ path }];
  }
  const parts = listFolder(path).filter(
    (file) => format !== undefined || knownFormat(file) !== undefined,
  );
  return found(path, parts);
}

function found(pattern: string, files: readonly string[]): FoundFile[] {
  if (files.length === 0) {
    throw new DuetMindError("FILE_NOT_FOUND", `${pattern}: expected at least one file, got none`, {
      file: pattern,
    });
  }
  for (const file of files) checkFile(file);
  return files.map((path) => {
    const pathValues = readPathValues(toSlashes(pattern), toSlashes(path));
    return pathValues.length === 0 ? { path } : { path, pathValues };
  });
}

async function globFiles(engine: Engine, pattern: string): Promise<string[]> {
  const rows = await engine.rows(sql`SELECT file FROM glob(${lit(toGlob(pattern))})`);
  return rows.map((row) => String(row["file"])).sort(byCodePoint);
}

function listFolder(folder: string): string[] {
  const entries = readdirSync(folder, { withFileTypes: true }).filter(
    ({ name }) => !/^[._]/.test(name),
  );
  return entries
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      return statSync(path).isDirectory() ? listFolder(path) : [path];
    })
    .sort(byCodePoint);
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
