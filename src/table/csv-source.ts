import { DuetMindError } from "../core/errors.ts";
import { type CsvColumnRead, readDeclared, readKind } from "./csv-column-sql.ts";
import { type CsvKind, guessKind } from "./csv-guess.ts";
import { type CsvHeader, emptyError, readCsvHeader } from "./csv-header.ts";
import { provenKinds } from "./csv-types-sql.ts";
import { checkDeclaredColumns, type DeclaredTypes, declaredError } from "./declared-types.ts";
import { fromDuckDbError, ownErrorText } from "./duckdb-error.ts";
import type { Engine } from "./engine.ts";
import { toDuckDbType } from "./pandas-type.ts";
import {
  addedColumns,
  type PathColumn,
  planPathColumns,
  selectPathColumns,
} from "./path-columns.ts";
import type { FoundFile } from "./path-values.ts";
import { type PlainFile, withPlainText } from "./plain-text.ts";
import type { CsvParams, DecompressParams } from "./source-params.ts";
import { id, join, lit, raw, type Sql, sql } from "./sql.ts";
import { surveyText } from "./text-survey.ts";

/**
 * The part of a file that one thread reads at a time. DuckDB's own buffers are four times as large and
 * cut into such parts, so the rows of a part are the same.
 */
const BUFFER_BYTES = 8_000_000;
/** Rows that the first guess of the types looks at. */
const SAMPLE_ROWS = 10_000;

export type CsvSource = Readonly<{
  files: readonly FoundFile[];
  csv: CsvParams;
  /** Of the format, where `csv.delimiter` names none. */
  delimiter: string;
  types: DeclaredTypes;
  decompress: DecompressParams;
  mayBeEmpty: boolean;
}>;

/** Files that have been looked at, ready to be read. */
type CsvFiles = Readonly<{
  files: readonly PlainFile[];
  headers: readonly CsvHeader[];
  names: readonly string[];
  types: DeclaredTypes;
  added: readonly PathColumn[];
  mayBeEmpty: boolean;
}>;

/**
 * Hands a query over the rows of CSV files, in file order, to `use`. The query proves the guessed
 * types while it runs; if a value disproves one, `use` is called again with types proven over all
 * rows, so it must leave nothing behind when it throws.
 */
export function withCsv<T>(
  engine: Engine,
  source: CsvSource,
  use: (query: Sql) => Promise<T>,
): Promise<T> {
  const { csv, decompress, types, mayBeEmpty } = source;
  const { encoding, skip, comment } = csv;
  const paths = source.files.map(({ path }) => path);
  const options = { encoding, decompress, body: { skip, comment } };
  return withPlainText(paths, options, async (files) => {
    const headers = readHeaders(files, source);
    const { names } = headers[0]!;
    const added = addedColumns(planPathColumns(source.files, types), names, files[0]!.name);
    checkDeclaredColumns(types, [...names, ...added.map(({ name }) => name)], files[0]!.name);
    return readFiles(engine, { files, headers, names, types, added, mayBeEmpty }, csv, use);
  });
}

async function readFiles<T>(
  engine: Engine,
  source: CsvFiles,
  csv: CsvParams,
  use: (query: Sql) => Promise<T>,
): Promise<T> {
  const { files, headers, names, types } = source;
  try {
    const surveys = files.map((file) => surveyText(file, csv.max_record_bytes));
    const guess = await guessKinds(engine, source);
    const trustFloats = surveys.every(({ hasUnderscore }) => !hasUnderscore);
    if (guess !== undefined) {
      try {
        return await use(toQuery(source, guess, trustFloats));
      } catch (error) {
        if (!disprovesGuess(error, names, types)) throw error;
      }
    }
    const texts = sql`(${join(
      files.map((file, i) => sql`FROM ${readCsv(file, headers[i]!)}`),
      " UNION ALL ",
    )})`;
    const kinds = await provenKinds(engine, texts, names);
    return await use(toQuery(source, kinds, false));
  } catch (error) {
    const file = failedFile(error, files);
    throw (
      declaredError(error, names, types, ...files.map((each) => each.name)) ??
      fromDuckDbError(error, file.name, file.linesBefore)
    );
  }
}

/** The file that DuckDB names, else the first. */
function failedFile(error: unknown, files: readonly PlainFile[]): PlainFile {
  const cause = error instanceof DuetMindError ? error.details.cause : error;
  const text = cause instanceof Error ? cause.message : "";
  return files.find(({ path }) => text.includes(`file = ${path}\n`)) ?? files[0]!;
}

/** The header of each file; all must name the same columns in the same order. */
function readHeaders(files: readonly PlainFile[], source: CsvSource): CsvHeader[] {
  const headers: CsvHeader[] = [];
  for (const file of files) {
    const header = readCsvHeader(file, source.csv, source.delimiter);
    headers.push(header);
    const first = headers[0]!.names;
    const place = first.findIndex((name, i) => header.names[i] !== name);
    if (header.names.length === first.length && place === -1) continue;
    const at = Math.max(0, place);
    throw new DuetMindError(
      "BAD_INPUT",
      `${file.name}: expected the columns of ${files[0]!.name} (${first.length}, "${first[at]}" at place ${at}), got ${header.names.length} with "${header.names[at] ?? ""}" there`,
      { file: file.name },
    );
  }
  return headers;
}

async function guessKinds(engine: Engine, source: CsvFiles): Promise<CsvKind[] | undefined> {
  const { files, headers, names, types, mayBeEmpty } = source;
  const rows = await engine.rows(
    sql`FROM ${readCsv(files[0]!, headers[0]!)} LIMIT ${lit(SAMPLE_ROWS)}`,
  );
  if (rows.length === 0 && files.length === 1) {
    if (mayBeEmpty) return names.map(() => "str");
    throw emptyError(files[0]!.name);
  }
  const kinds = names.map((name) =>
    types[name] === undefined ? guessKind(rows.map((row) => row[name] as string | null)) : "str",
  );
  return kinds.some((kind) => kind === undefined) ? undefined : (kinds as CsvKind[]);
}

function toQuery(source: CsvFiles, kinds: readonly CsvKind[], trustFloats: boolean): Sql {
  const { files, headers, names, types, added } = source;
  const queries = files.map((file, i) => {
    // places go on from file to file: an error tells the file by them
    const places = names.map((_, column) => i * names.length + column);
    const reads = names.map((name, column) =>
      readColumn(types[name], name, places[column]!, kinds[column]!, trustFloats),
    );
    const casts = reads.flatMap((read) => (read.cast === null ? [] : [read.cast]));
    const selected = join(
      reads.map((read, column) => sql`${read.select} AS ${id(names[column]!)}`),
    );
    const readAs = reads.map((read) => read.readAs);
    const scan = readCsv(file, headers[i]!, readAs);
    return sql`SELECT ${selected}${selectPathColumns(added, i)} FROM (SELECT ${join([raw("*"), ...casts])} FROM ${scan})`;
  });
  return join(queries, " UNION ALL ");
}

function readColumn(
  declared: string | undefined,
  name: string,
  place: number,
  kind: CsvKind,
  trustFloats: boolean,
): CsvColumnRead {
  if (declared === undefined) return readKind(name, place, kind, trustFloats);
  return readDeclared(name, place, toDuckDbType(declared)!);
}

/** The reader of one file, every column as text unless told. */
function readCsv(
  { path }: PlainFile,
  { names, csv, isCrlf }: CsvHeader,
  types?: readonly string[],
): Sql {
  const columns = join(names.map((name, i) => sql`${lit(name)}: ${lit(types?.[i] ?? "VARCHAR")}`));
  const { quote, comment, max_record_bytes: maxBytes } = csv;
  const options = [
    ...(isCrlf ? [sql`, new_line = '\\r\\n'`] : []),
    ...(comment === undefined ? [] : [sql`, comment = ${lit(comment)}`]),
    sizeOptions(maxBytes),
  ];
  return sql`read_csv(${lit(path)}, auto_detect = false, hive_partitioning = false, header = false, skip = ${lit(csv.header ? 1 : 0)}${join(options, "")}, delim = ${lit(csv.delimiter)}, quote = ${lit(quote)}, escape = ${lit(quote === "" ? "" : (csv.escape ?? quote))}, nullstr = ${lit(csv.nulls)}, columns = {${columns}})`;
}

/** DuckDB would take a buffer of sixteen records for each thread; two hold any record whole. */
function sizeOptions(maxBytes: number | undefined): Sql {
  if (maxBytes === undefined) return sql`, buffer_size = ${lit(BUFFER_BYTES)}`;
  const bufferBytes = Math.max(32_000_000, 2 * maxBytes);
  return sql`, max_line_size = ${lit(maxBytes)}, buffer_size = ${lit(bufferBytes)}`;
}

/** A failed proof of ours, or DuckDB's conversion of a column whose type was only guessed. */
function disprovesGuess(error: unknown, names: readonly string[], types: DeclaredTypes): boolean {
  const cause = error instanceof DuetMindError ? error.details.cause : error;
  if (ownErrorText(cause) === "duetmind:guess") return true;
  const column = (cause as Error | null)?.message?.match(
    /Error when converting column "([^"]*)"/,
  )?.[1];
  return column !== undefined && names.includes(column) && types[column] === undefined;
}
