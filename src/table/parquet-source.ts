import { DuetMindError } from "../core/errors.ts";
import { checkColumnCount } from "./column-limit.ts";
import {
  checkDeclaredColumns,
  type DeclaredTypes,
  declaredError,
  numberToDeclared,
  textToDeclared,
} from "./declared-types.ts";
import { fromDuckDbError } from "./duckdb-error.ts";
import type { Engine } from "./engine.ts";
import { toDuckDbType } from "./pandas-type.ts";
import { addedColumns, planPathColumns, selectPathColumns } from "./path-columns.ts";
import type { FoundFile } from "./path-values.ts";
import { describeRelation, type Relation, ROW_NUMBER } from "./relation.ts";
import { id, join, lit, raw, type Sql, sql } from "./sql.ts";

/** Parquet files where they lie, as one table in file order. */
export function openParquet(engine: Engine, paths: readonly string[]): Promise<Relation> {
  return openParquetFiles(
    engine,
    paths.map((path) => ({ path })),
  );
}

/** The same, with the columns that the paths of the files tell behind those of the files. */
export async function openParquetFiles(
  engine: Engine,
  files: readonly FoundFile[],
): Promise<Relation> {
  const parts = await planParts(engine, files, {});
  const counts = await Promise.all(files.map(({ path }) => countRows(engine, path)));
  let before = 0;
  const numbered = parts.map(({ path, columns, added }, i) => {
    const first = before;
    before += counts[i]!;
    return sql`SELECT ${columns ?? sql`* EXCLUDE (file_row_number)`}${added}, file_row_number + ${lit(first)} AS ${id(ROW_NUMBER)} FROM ${readParquet(path, sql`, file_row_number = true`)}`;
  });
  const relation = await describeRelation(
    engine,
    sql`(${toQuery(parts)})`,
    sql`(${join(numbered, " UNION ALL ")})`,
    before,
  );
  // what a path tells is in no file's own statistics
  const isTold = files.some(({ pathValues }) => pathValues !== undefined);
  return isTold ? relation : { ...relation, files: files.map(({ path }) => path) };
}

/** Hands a query over the rows of Parquet files, in file order, to `use`. */
export async function withParquet<T>(
  engine: Engine,
  files: readonly FoundFile[],
  types: DeclaredTypes,
  use: (query: Sql) => Promise<T>,
): Promise<T> {
  const parts = await planParts(engine, files, types);
  try {
    return await use(toQuery(parts));
  } catch (error) {
    const paths = files.map(({ path }) => path);
    throw (
      declaredError(error, parts[0]!.names, types, ...paths) ??
      fromDuckDbError(error, failedFile(error, files))
    );
  }
}

type Part = Readonly<{
  path: string;
  /** The columns of the first file. */
  names: readonly string[];
  /** What to select of the file; all that it has where it is not told. */
  columns: Sql | undefined;
  /** What its path adds, each after a comma. */
  added: Sql;
}>;

function toQuery(parts: readonly Omit<Part, "names">[]): Sql {
  const selects = parts.map(
    ({ path, columns, added }) =>
      sql`SELECT ${columns ?? raw("*")}${added} FROM ${readParquet(path)}`,
  );
  return join(selects, " UNION ALL ");
}

/**
 * DuckDB's own idea of partitions would also see those of folders above the source. Other writers
 * leave NaN out of a column's bounds; DuckDB must not conclude that there is none.
 */
function readParquet(path: string, options: Sql = raw("")): Sql {
  return sql`read_parquet(${lit(path)}, hive_partitioning = false, can_have_nan = true${options})`;
}

/** A query over files of our own making, which have the same columns. */
export function parquetQuery(paths: readonly string[]): Sql {
  return toQuery(paths.map((path) => ({ path, columns: undefined, added: raw("") })));
}

type Column = Readonly<{ name: string; type: string }>;

async function planParts(
  engine: Engine,
  files: readonly FoundFile[],
  types: DeclaredTypes,
): Promise<Part[]> {
  const own = await Promise.all(files.map(({ path }) => describeFile(engine, path)));
  const first = own[0]!;
  const names = first.map(({ name }) => name);
  const subject = files[0]!.path;
  checkColumnCount(names.length, subject);
  const added = addedColumns(planPathColumns(files, types), names, subject);
  checkDeclaredColumns(types, [...names, ...added.map(({ name }) => name)], subject);
  for (const [i, columns] of own.entries()) {
    checkColumns(columns, first, types, files[i]!.path, subject);
  }
  const isPlain = (columns: readonly Column[]) =>
    columns.every(({ name }, i) => name === names[i] && types[name] === undefined);
  return files.map(({ path }, i) => {
    const here = new Map(own[i]!.map((column) => [column.name, column]));
    const selected = names.map((name, place) =>
      selectColumn(here.get(name)!, types[name], i * names.length + place),
    );
    return {
      path,
      names,
      columns: isPlain(own[i]!) ? undefined : join(selected),
      added: selectPathColumns(added, i),
    };
  });
}

function selectColumn({ name, type }: Column, declared: string | undefined, place: number): Sql {
  const value = id(name);
  const wanted = declared === undefined ? type : toDuckDbType(declared)!;
  if (declared === undefined || wanted === type) return value;
  if (type === "VARCHAR") return sql`${textToDeclared(value, declared, place)} AS ${value}`;
  if (NUMBER.test(type)) return sql`${numberToDeclared(value, type, declared, place)} AS ${value}`;
  return sql`CAST(${value} AS ${raw(wanted)}) AS ${value}`;
}

const NUMBER = /INT|^(?:FLOAT|DOUBLE|BOOLEAN|DECIMAL)/;

async function describeFile(engine: Engine, path: string): Promise<Column[]> {
  try {
    const rows = await engine.rows(sql`DESCRIBE SELECT * FROM ${readParquet(path)}`);
    return rows.map((row) => ({
      name: String(row["column_name"]),
      type: String(row["column_type"]),
    }));
  } catch (error) {
    throw fromDuckDbError(error, path);
  }
}

/** Files of one table have the same columns, in any order, of the same types unless those are declared. */
function checkColumns(
  columns: readonly Column[],
  first: readonly Column[],
  types: DeclaredTypes,
  path: string,
  firstPath: string,
): void {
  const here = new Map(columns.map(({ name, type }) => [name, type]));
  const expected = new Set(first.map(({ name }) => name));
  const missing = first.find(({ name }) => !here.has(name));
  const extra = columns.find(({ name }) => !expected.has(name));
  if (missing !== undefined || extra !== undefined) {
    const got = missing === undefined ? `"${extra!.name}" too` : `no "${missing.name}"`;
    throw new DuetMindError(
      "COLUMN_NOT_FOUND",
      `${path}: expected the columns of ${firstPath}, got ${got}`,
      { file: path },
    );
  }
  const other = first.find(
    ({ name, type }) => types[name] === undefined && here.get(name) !== type,
  );
  if (other === undefined) return;
  throw new DuetMindError(
    "COLUMN_TYPE",
    `${path}: column "${other.name}": expected ${other.type} like ${firstPath}, got ${here.get(other.name)}`,
    { file: path, hint: `declare the type that all files are cast to: types: {${other.name}: …}` },
  );
}

async function countRows(engine: Engine, path: string): Promise<number> {
  try {
    const [row] = await engine.rows(sql`SELECT num_rows FROM parquet_file_metadata(${lit(path)})`);
    return Number(row!["num_rows"]);
  } catch (error) {
    throw fromDuckDbError(error, path);
  }
}

/** The file that DuckDB names, else the first. */
function failedFile(error: unknown, files: readonly FoundFile[]): string {
  const cause = error instanceof DuetMindError ? error.details.cause : error;
  const text = cause instanceof Error ? cause.message : "";
  return (files.find(({ path }) => text.includes(`"${path}"`)) ?? files[0]!).path;
}
