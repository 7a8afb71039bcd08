import { closeSync, openSync, readSync } from "node:fs";
import { DuetMindError } from "../core/errors.ts";
import { type CsvColumnRead, readDeclared, readKind } from "./csv-column-sql.ts";
import { type CsvKind, guessKind } from "./csv-guess.ts";
import { type CsvHeader, emptyError, readCsvHeader } from "./csv-header.ts";
import { provenKinds } from "./csv-types-sql.ts";
import { fromDuckDbError, ownErrorText } from "./duckdb-error.ts";
import type { Engine } from "./engine.ts";
import { toDuckDbType } from "./pandas-type.ts";
import type { CsvDialect } from "./source-params.ts";
import { id, join, lit, raw, type Sql, sql } from "./sql.ts";

/** Rows that the first guess of the types looks at. */
const SAMPLE_ROWS = 10_000;

export type CsvSource = Readonly<{
  files: readonly string[];
  csv: CsvDialect;
  types: Readonly<Record<string, string>>;
}>;

/**
 * Hands a query over the rows of CSV files, in file order, to `use`. The query proves the guessed
 * types while it runs; if a value disproves one, `use` is called again with types proven over all
 * rows, so it must leave nothing behind when it throws.
 */
export async function withCsv<T>(
  engine: Engine,
  source: CsvSource,
  use: (query: Sql) => Promise<T>,
): Promise<T> {
  const headers = await readHeaders(engine, source);
  const names = headers[0]!.names;
  const subject = source.files.length === 1 ? source.files[0]! : source.files.join(", ");
  try {
    const guess = await guessKinds(engine, source, headers[0]!);
    const isPlain = source.files.every((file) => !/\.(gz|zst)$/i.test(file));
    const trustFloats = isPlain && source.files.every((file) => !hasUnderscore(file));
    if (guess !== undefined) {
      try {
        return await use(toQuery(source, headers, guess, trustFloats));
      } catch (error) {
        if (!disprovesGuess(error, names, source.types)) throw error;
      }
    }
    const texts = sql`(${join(
      source.files.map((file, i) => sql`FROM ${readCsv(file, source.csv, headers[i]!)}`),
      " UNION ALL ",
    )})`;
    const kinds = await provenKinds(engine, texts, names);
    return await use(toQuery(source, headers, kinds, false));
  } catch (error) {
    throw declaredError(error, names, source, subject) ?? fromDuckDbError(error, subject);
  }
}

/** The header of each file; all must name the same columns in the same order. */
async function readHeaders(engine: Engine, source: CsvSource): Promise<CsvHeader[]> {
  const headers: CsvHeader[] = [];
  for (const file of source.files) {
    const header = await readCsvHeader(engine, file, source.csv).catch((error: unknown) => {
      throw fromDuckDbError(error, file);
    });
    headers.push(header);
    const first = headers[0]!.names;
    const place = first.findIndex((name, i) => header.names[i] !== name);
    if (header.names.length === first.length && place === -1) continue;
    const at = Math.max(0, place);
    throw new DuetMindError(
      "BAD_INPUT",
      `${file}: expected the columns of ${source.files[0]} (${first.length}, "${first[at]}" at place ${at}), got ${header.names.length} with "${header.names[at] ?? ""}" there`,
      { file },
    );
  }
  checkDeclared(source, headers[0]!.names);
  return headers;
}

function checkDeclared(source: CsvSource, names: readonly string[]): void {
  for (const name of Object.keys(source.types)) {
    if (names.includes(name)) continue;
    throw new DuetMindError(
      "COLUMN_NOT_FOUND",
      `${source.files[0]}: expected the column "${name}" that types: declares, got ${names.join(", ")}`,
      { file: source.files[0]!, path: `types.${name}` },
    );
  }
}

async function guessKinds(
  engine: Engine,
  source: CsvSource,
  header: CsvHeader,
): Promise<CsvKind[] | undefined> {
  const file = source.files[0]!;
  const rows = await engine.rows(
    sql`FROM ${readCsv(file, source.csv, header)} LIMIT ${lit(SAMPLE_ROWS)}`,
  );
  if (rows.length === 0 && source.files.length === 1) throw emptyError(file);
  const kinds = header.names.map((name) =>
    source.types[name] === undefined
      ? guessKind(rows.map((row) => row[name] as string | null))
      : "str",
  );
  return kinds.some((kind) => kind === undefined) ? undefined : (kinds as CsvKind[]);
}

function toQuery(
  source: CsvSource,
  headers: readonly CsvHeader[],
  kinds: readonly CsvKind[],
  trustFloats: boolean,
): Sql {
  const { names } = headers[0]!;
  const reads = names.map((name, i) => readColumn(source, name, i, kinds[i]!, trustFloats));
  const casts = reads.flatMap((read) => (read.cast === null ? [] : [read.cast]));
  const selected = reads.map((read, i) => sql`${read.select} AS ${id(names[i]!)}`);
  const files = source.files.map((file, i) => {
    const scan = readCsv(
      file,
      source.csv,
      headers[i]!,
      reads.map((read) => read.readAs),
    );
    return sql`SELECT ${join(selected)} FROM (SELECT ${join([raw("*"), ...casts])} FROM ${scan})`;
  });
  return join(files, " UNION ALL ");
}

function readColumn(
  source: CsvSource,
  name: string,
  place: number,
  kind: CsvKind,
  trustFloats: boolean,
): CsvColumnRead {
  const declared = source.types[name];
  if (declared === undefined) return readKind(name, place, kind, trustFloats);
  return readDeclared(name, place, toDuckDbType(declared)!);
}

/** The reader of one file, every column as text unless told. */
function readCsv(
  file: string,
  csv: CsvDialect,
  { names, records, isCrlf }: CsvHeader,
  types?: readonly string[],
): Sql {
  const columns = join(names.map((name, i) => sql`${lit(name)}: ${lit(types?.[i] ?? "VARCHAR")}`));
  const newLine = isCrlf ? sql`, new_line = '\\r\\n'` : sql``;
  return sql`read_csv(${lit(file)}, auto_detect = false, header = false, skip = ${lit(records)}${newLine}, delim = ${lit(csv.delimiter)}, quote = ${lit(csv.quote)}, escape = ${lit(csv.quote)}, nullstr = ${lit(csv.nulls)}, encoding = ${lit(csv.encoding)}, columns = {${columns}})`;
}

/** A failed proof of ours, or DuckDB's conversion of a column whose type was only guessed. */
function disprovesGuess(
  error: unknown,
  names: readonly string[],
  types: Readonly<Record<string, string>>,
): boolean {
  const cause = error instanceof DuetMindError ? error.details.cause : error;
  if (ownErrorText(cause) === "duetmind:guess") return true;
  const column = (cause as Error | null)?.message?.match(
    /Error when converting column "([^"]*)"/,
  )?.[1];
  return column !== undefined && names.includes(column) && types[column] === undefined;
}

function declaredError(
  error: unknown,
  names: readonly string[],
  source: CsvSource,
  subject: string,
): DuetMindError | undefined {
  const cause = error instanceof DuetMindError ? error.details.cause : error;
  const match = ownErrorText(cause)?.match(/^duetmind:declared:(\d+):(.*)$/);
  if (match === null || match === undefined) return undefined;
  const name = names[Number(match[1])]!;
  return new DuetMindError(
    "COLUMN_TYPE",
    `${subject}: column "${name}": expected ${source.types[name]} as types: declares, got "${match[2]}"`,
    { file: subject, path: `types.${name}` },
  );
}

/** Whether any byte after the first line is an underscore; a megabyte at a time, at memory's speed. */
function hasUnderscore(path: string): boolean {
  const block = Buffer.allocUnsafe(1 << 20);
  const fd = openSync(path, "r");
  try {
    let inHeader = true;
    for (;;) {
      const read = readSync(fd, block, 0, block.length, null);
      if (read === 0) return false;
      let from = 0;
      if (inHeader) {
        const end = block.subarray(0, read).indexOf(0x0a);
        if (end === -1) continue;
        inHeader = false;
        from = end;
      }
      if (block.subarray(from, read).includes(0x5f)) return true;
    }
  } finally {
    closeSync(fd);
  }
}
