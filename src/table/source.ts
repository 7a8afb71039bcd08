import { emptyError } from "./csv-header.ts";
import { withCsv } from "./csv-source.ts";
import { checkTypes, type DeclaredTypes } from "./declared-types.ts";
import type { Engine } from "./engine.ts";
import { withExcel } from "./excel-source.ts";
import { withJson } from "./json-source.ts";
import { openParquetFiles, withParquet } from "./parquet-source.ts";
import type { FoundFile } from "./path-values.ts";
import { describeRelation, type Relation, ROW_NUMBER } from "./relation.ts";
import { commonFormat, listFiles } from "./source-files.ts";
import {
  type CsvParams,
  csvParams,
  type DataFormat,
  type DecompressParams,
  type ExcelParams,
} from "./source-params.ts";
import { id, type Sql, sql } from "./sql.ts";

export type SourceFile = Readonly<{
  /** A file, a folder, a glob, or a glob with `{name}` for a column that the path tells. */
  path: string;
  /** By the name of the file unless told. */
  format?: DataFormat | undefined;
  csv?: Partial<CsvParams> | undefined;
  excel?: ExcelParams | undefined;
  decompress?: DecompressParams | undefined;
  /** For what content alone does not say, such as dates. */
  types?: DeclaredTypes | undefined;
  /** A header without rows is a table too; otherwise it is DATA_EMPTY. Its columns are text in CSV. */
  mayBeEmpty?: boolean | undefined;
}>;

/**
 * Opens data for reading again and again: Parquet where it lies, text formats as a typed table of the
 * engine. Throws DATA_EMPTY when there is no row (unless it may be so), and what the file has wrong otherwise.
 */
export async function openSource(engine: Engine, source: SourceFile): Promise<Relation> {
  return openFiles(engine, source, await listFiles(engine, source.path, source.format));
}

/** As `openSource`, of files that were found already. */
export async function openFiles(
  engine: Engine,
  source: SourceFile,
  files: readonly FoundFile[],
): Promise<Relation> {
  const isTyped = Object.keys(source.types ?? {}).length > 0;
  if (commonFormat(files, source.format) === "parquet" && !isTyped) {
    return checkRows(await openParquetFiles(engine, files), source);
  }
  const table = id(engine.freshName());
  await withSource(engine, source, files, (query) =>
    engine.run(sql`CREATE TABLE ${table} AS ${query}`),
  );
  const numbered = sql`(SELECT *, rowid AS ${id(ROW_NUMBER)} FROM ${table})`;
  return checkRows(await describeRelation(engine, table, numbered), source);
}

/** The names of a source's columns, in their order; no value is proven. */
export async function sourceColumns(
  engine: Engine,
  source: SourceFile,
  files: readonly FoundFile[],
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
  files: readonly FoundFile[],
  use: (query: Sql) => Promise<T>,
): Promise<T> {
  const format = commonFormat(files, source.format);
  const { types = {}, decompress = {}, excel = {} } = source;
  checkTypes(types, source.path);
  switch (format) {
    case "csv":
    case "tsv": {
      const csv = csvParams.parse(source.csv ?? {});
      const named = csv.delimiter === "auto" ? undefined : csv.delimiter;
      const delimiter = named ?? (format === "tsv" ? "\t" : ",");
      const { mayBeEmpty = false } = source;
      return withCsv(engine, { files, csv, delimiter, types, decompress, mayBeEmpty }, use);
    }
    case "json":
    case "ndjson":
      return withJson(engine, { files, format, types, decompress }, use);
    case "xlsx":
      return withExcel(engine, { files, excel, types }, use);
    case "parquet":
      return withParquet(engine, files, types, use);
  }
}

function checkRows(relation: Relation, { path, mayBeEmpty = false }: SourceFile): Relation {
  if (relation.rowCount === 0 && !mayBeEmpty) throw emptyError(path);
  return relation;
}
