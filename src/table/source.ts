import { DuetMindError } from "../core/errors.ts";
import { nearestName } from "../core/nearest.ts";
import { emptyError } from "./csv-header.ts";
import { withCsv } from "./csv-source.ts";
import { fromDuckDbError } from "./duckdb-error.ts";
import type { Engine } from "./engine.ts";
import { withJson } from "./json-source.ts";
import { DECLARABLE_TYPES, toDuckDbType } from "./pandas-type.ts";
import { openParquet, parquetQuery } from "./parquet-source.ts";
import { describeRelation, type Relation, ROW_NUMBER } from "./relation.ts";
import { formatOf, listFiles } from "./source-files.ts";
import { type CsvParams, csvParams, type DataFormat } from "./source-params.ts";
import { id, raw, type Sql, sql } from "./sql.ts";

export type SourceFile = Readonly<{
  /** A file or a glob. */
  path: string;
  /** By the name of the file unless told. */
  format?: DataFormat | undefined;
  csv?: Partial<CsvParams> | undefined;
  /** Column → pandas type, for what content alone does not say, such as dates. */
  types?: Readonly<Record<string, string>> | undefined;
}>;

/**
 * Opens data for reading again and again: Parquet where it lies, text formats as a typed table of the
 * engine. Throws DATA_EMPTY when there is no row, and what the file has wrong otherwise.
 */
export async function openSource(engine: Engine, source: SourceFile): Promise<Relation> {
  const files = await listFiles(engine, source.path);
  const isTyped = Object.keys(source.types ?? {}).length > 0;
  if ((source.format ?? formatOf(files[0]!)) === "parquet" && !isTyped) {
    return nonEmpty(await openParquet(engine, files), source.path);
  }
  const table = id(engine.freshName());
  await withSource(engine, source, files, (query) =>
    engine.run(sql`CREATE TABLE ${table} AS ${query}`),
  );
  const numbered = sql`(SELECT *, rowid AS ${id(ROW_NUMBER)} FROM ${table})`;
  return nonEmpty(await describeRelation(engine, table, numbered), source.path);
}

/** The names of a source's columns, in their order; no value is proven. */
export async function sourceColumns(
  engine: Engine,
  source: SourceFile,
  files: readonly string[],
): Promise<string[]> {
  const rows = await withSource(engine, source, files, (query) =>
    engine.rows(sql`DESCRIBE ${query}`),
  );
  return rows.map((row) => String(row["column_name"]));
}

/**
 * Hands one query over all rows of a source, in file order, to `use`; for work that needs them once.
 * `use` may be called a second time after it threw (see `withCsv`).
 */
export async function withSource<T>(
  engine: Engine,
  source: SourceFile,
  files: readonly string[],
  use: (query: Sql) => Promise<T>,
): Promise<T> {
  const format = source.format ?? formatOf(files[0]!);
  const types = source.types ?? {};
  checkTypes(types, source.path);
  switch (format) {
    case "csv":
    case "tsv": {
      const csv = csvParams.parse(source.csv ?? {});
      const delimiter = csv.delimiter ?? (format === "tsv" ? "\t" : ",");
      return withCsv(engine, { files, csv: { ...csv, delimiter }, types }, use);
    }
    case "json":
    case "ndjson":
      return withJson(engine, { files, format, types }, use);
    case "parquet":
      try {
        return await use(await typedParquet(engine, files, types));
      } catch (error) {
        throw fromDuckDbError(error, source.path);
      }
  }
}

async function typedParquet(
  engine: Engine,
  files: readonly string[],
  types: Readonly<Record<string, string>>,
): Promise<Sql> {
  const declared = Object.entries(types);
  if (declared.length === 0) return parquetQuery(files);
  const { columns } = await openParquet(engine, files);
  const names = columns.map((column) => column.name);
  let query = parquetQuery(files);
  for (const [name, type] of declared) {
    if (!names.includes(name)) {
      throw new DuetMindError(
        "COLUMN_NOT_FOUND",
        `${files[0]}: expected the column "${name}" that types: declares, got ${names.join(", ")}`,
        { path: `types.${name}` },
      );
    }
    query = sql`SELECT * REPLACE (CAST(${id(name)} AS ${raw(toDuckDbType(type)!)}) AS ${id(name)}) FROM (${query})`;
  }
  return query;
}

function checkTypes(types: Readonly<Record<string, string>>, subject: string): void {
  for (const [name, type] of Object.entries(types)) {
    if (toDuckDbType(type) !== undefined) continue;
    const near = nearestName(type, DECLARABLE_TYPES);
    throw new DuetMindError(
      "BAD_INPUT",
      `${subject}: types.${name}: expected a pandas type such as int64, float64, str, bool or datetime64[ns], got "${type}"`,
      {
        path: `types.${name}`,
        ...(near === undefined ? {} : { hint: `did you mean "${near}"?` }),
      },
    );
  }
}

function nonEmpty(relation: Relation, path: string): Relation {
  if (relation.rowCount === 0) throw emptyError(path);
  return relation;
}
