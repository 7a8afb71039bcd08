import { existsSync } from "node:fs";
import { dirname, join as joinPath } from "node:path";
import type { Effects } from "../core/effects.ts";
import { DuetMindError } from "../core/errors.ts";
import { fromDuckDbError } from "../table/duckdb-error.ts";
import type { Engine } from "../table/engine.ts";
import { openParquet } from "../table/parquet-source.ts";
import { describeRelation, type Relation, ROW_NUMBER } from "../table/relation.ts";
import { id, join, lit, raw, type Sql, sql } from "../table/sql.ts";
import type { BaseParams } from "./params.ts";
import type { BaseProject } from "./project.ts";
import { manifestPath, type RawManifest, type RawPart, readManifest } from "./raw-manifest.ts";

/** The file that stands for a raw dataset, relative to the project: its rows, or a manifest of parts. */
export function rawPath({ data, sources }: BaseParams, name: string): string {
  return sources[name]?.incremental === undefined
    ? `${data.raw}/${name}.parquet`
    : manifestPath(data.raw, name);
}

/** A raw dataset of parts, each of which can be opened by itself. */
export type PartedRaw = Readonly<{
  manifest: RawManifest;
  openPart(part: RawPart): Promise<Relation>;
}>;

/** Opens a raw dataset, of one file or of parts. Throws FILE_NOT_FOUND before its first ingest. */
export async function openRaw(
  engine: Engine,
  project: BaseProject,
  name: string,
  effects: Effects,
): Promise<Readonly<{ relation: Relation; parted: PartedRaw | null }>> {
  const path = rawPath(project.params, name);
  const file = joinPath(project.root, path);
  return openRawFile(engine, file, path, dirname(file), effects);
}

/** The same for a file that may not be in its place yet; `folder` is that of its parts. */
export async function openRawFile(
  engine: Engine,
  file: string,
  path: string,
  folder: string,
  effects: Effects,
): ReturnType<typeof openRaw> {
  if (!existsSync(file)) {
    throw new DuetMindError("FILE_NOT_FOUND", `${path}: expected a raw dataset, got no file`, {
      file: path,
      hint: "run: duetmind data",
    });
  }
  const manifest = path.endsWith(".json") ? await readManifest(file, effects) : null;
  if (manifest === null) return { relation: await openParquet(engine, [file]), parted: null };
  const { columns } = manifest;
  return {
    relation: await openParts(engine, folder, manifest),
    parted: {
      manifest,
      openPart: (part) => openParts(engine, folder, { columns, parts: [part] }),
    },
  };
}

/** As much of a manifest as is needed to read it. */
export type PartsView = Pick<RawManifest, "columns"> &
  Readonly<{ parts: readonly Pick<RawPart, "file" | "row_count" | "replaced">[] }>;

/**
 * The parts of a dataset as one table in their order. A row's number is its place among all rows that
 * were ever stored, so it does not change when another row is replaced; replaced rows leave gaps.
 */
export async function openParts(
  engine: Engine,
  folder: string,
  manifest: PartsView,
): Promise<Relation> {
  if (manifest.parts.length === 0) return emptyParts(engine, manifest);
  const plain: Sql[] = [];
  const numbered: Sql[] = [];
  let before = 0;
  let rowCount = 0;
  try {
    for (const part of manifest.parts) {
      const path = joinPath(folder, part.file);
      const present = await partColumns(engine, path);
      const columns = join(manifest.columns.map((column) => toColumn(column, present)));
      const kept = keptRows(folder, part);
      const scan = sql`read_parquet(${lit(path)}, file_row_number = true)`;
      plain.push(sql`SELECT ${columns} FROM read_parquet(${lit(path)})`);
      numbered.push(
        sql`SELECT ${columns}, file_row_number + ${lit(before)} AS ${id(ROW_NUMBER)} FROM ${scan} ${kept}`,
      );
      before += part.row_count;
      rowCount += part.row_count - (part.replaced?.row_count ?? 0);
    }
    const all = sql`(${join(numbered, " UNION ALL ")})`;
    const isPlain = manifest.parts.every(({ replaced }) => replaced === null);
    const rows = isPlain
      ? sql`(${join(plain, " UNION ALL ")})`
      : sql`(SELECT * EXCLUDE (${id(ROW_NUMBER)}) FROM ${all} ORDER BY ${id(ROW_NUMBER)})`;
    return await describeRelation(engine, rows, all, rowCount);
  } catch (error) {
    throw fromDuckDbError(error, folder);
  }
}

/** The SQL of one part's rows, numbered from 0 within the part; replaced rows are left out. */
function keptRows(folder: string, { replaced }: Pick<RawPart, "replaced">): Sql {
  if (replaced === null) return sql``;
  const path = joinPath(folder, replaced.file);
  return sql`WHERE file_row_number NOT IN (SELECT "row" FROM read_parquet(${lit(path)}))`;
}

type ManifestColumn = RawManifest["columns"][number];

/** A column that a part does not have is NULL in its rows; one of another type is made the dataset's. */
function toColumn({ name, duckdb_type }: ManifestColumn, present: PartColumns): Sql {
  const type = present.get(name);
  if (type === duckdb_type) return id(name);
  const value = type === undefined ? sql`NULL` : id(name);
  return sql`CAST(${value} AS ${raw(duckdb_type)}) AS ${id(name)}`;
}

/** The engine's types of the columns of one part, by their names. */
export type PartColumns = ReadonlyMap<string, string>;

export async function partColumns(engine: Engine, path: string): Promise<PartColumns> {
  const rows = await engine.rows(sql`DESCRIBE SELECT * FROM read_parquet(${lit(path)})`);
  return new Map(rows.map((row) => [String(row["column_name"]), String(row["column_type"])]));
}

/** The columns of a dataset that some of its parts do not have. */
export async function lackingColumns(
  engine: Engine,
  folder: string,
  { columns, parts }: PartsView,
): Promise<ReadonlySet<string>> {
  const lacking = new Set<string>();
  for (const { file } of parts) {
    const present = await partColumns(engine, joinPath(folder, file));
    for (const { name } of columns) if (!present.has(name)) lacking.add(name);
  }
  return lacking;
}

function emptyParts(engine: Engine, manifest: PartsView): Promise<Relation> {
  const columns = manifest.columns.map((column) => toColumn(column, new Map()));
  const none = sql`(SELECT ${join(columns)} WHERE FALSE)`;
  const numbered = sql`(SELECT *, 0::BIGINT AS ${id(ROW_NUMBER)} FROM ${none})`;
  return describeRelation(engine, none, numbered, 0);
}
