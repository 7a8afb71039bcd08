import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { DuetMindError } from "../core/errors.ts";
import { checkColumnCount } from "./column-limit.ts";
import { checkNames, emptyError } from "./csv-header.ts";
import {
  checkDeclaredColumns,
  type DeclaredTypes,
  declaredError,
  textToDeclared,
} from "./declared-types.ts";
import { fromDuckDbError } from "./duckdb-error.ts";
import type { Engine } from "./engine.ts";
import {
  addedColumns,
  type PathColumn,
  planPathColumns,
  selectPathColumns,
} from "./path-columns.ts";
import type { FoundFile } from "./path-values.ts";
import { type PlainFile, withPlainText } from "./plain-text.ts";
import type { DecompressParams } from "./source-params.ts";
import { id, join, lit, raw, type Sql, sql } from "./sql.ts";

export type JsonSource = Readonly<{
  files: readonly FoundFile[];
  format: "json" | "ndjson";
  types: DeclaredTypes;
  decompress: DecompressParams;
  /** What errors name, where it is not these files. */
  subject?: string;
}>;

/** JSON's own word for what a column holds, over all rows; a mixture and anything nested is text. */
type JsonKind = "BIGINT" | "UBIGINT" | "DOUBLE" | "BOOLEAN" | "VARCHAR" | "JSON";

/** Hands a query over the objects of JSON files, in file order, to `use`. */
export function withJson<T>(
  engine: Engine,
  source: JsonSource,
  use: (query: Sql) => Promise<T>,
): Promise<T> {
  const { format, types, decompress } = source;
  const paths = source.files.map(({ path }) => path);
  return withPlainText(paths, { encoding: "utf-8", decompress }, async (plain) => {
    const subject = source.subject ?? paths.join(", ");
    let names: readonly string[] = [];
    const places = [...plain.keys()].filter((i) => format !== "json" || hasItems(plain[i]!));
    if (places.length === 0) throw emptyError(subject);
    const files = places.map((i) => plain[i]!);
    try {
      names = await columnNames(engine, files, format, subject);
      const added = addedColumns(
        planPathColumns(
          places.map((i) => source.files[i]!),
          types,
        ),
        names,
        subject,
      );
      checkDeclaredColumns(types, [...names, ...added.map(({ name }) => name)], subject);
      const texts = unionByName(files, format, added);
      const kinds = await jsonKinds(engine, texts, names);
      const selected = names.map((name, i) => {
        const declared = types[name];
        return sql`${declared === undefined ? toColumn(id(name), kinds[i]!) : textToDeclared(toText(id(name)), declared, i)} AS ${id(name)}`;
      });
      const all = join([...selected, ...added.map(({ name }) => id(name))]);
      return await use(sql`SELECT ${all} FROM (${texts})`);
    } catch (error) {
      throw declaredError(error, names, types, subject) ?? fromDuckDbError(error, subject);
    }
  });
}

/** Every file alone, in order; by name, since an object need not have every key. */
function unionByName(
  files: readonly PlainFile[],
  format: "json" | "ndjson",
  added: readonly PathColumn[],
): Sql {
  const selects = files.map(
    ({ path }, i) => sql`SELECT *${selectPathColumns(added, i)} FROM ${readJson(path, format)}`,
  );
  return join(selects, " UNION ALL BY NAME ");
}

/** The keys of all files, in the order in which they come up. */
async function columnNames(
  engine: Engine,
  files: readonly PlainFile[],
  format: "json" | "ndjson",
  subject: string,
): Promise<string[]> {
  const names = new Set<string>();
  for (const file of files) {
    for (const name of await fileKeys(engine, file, format, subject)) names.add(name);
  }
  checkColumnCount(names.size, subject);
  checkNames([...names], subject, RENAME);
  return [...names];
}

async function fileKeys(
  engine: Engine,
  { path }: PlainFile,
  format: "json" | "ndjson",
  subject: string,
): Promise<string[]> {
  const objects = sql`read_json_objects(${lit(path)}, format = ${lit(layoutOf(format))})`;
  try {
    const rows = await engine.rows(sql`DESCRIBE SELECT * FROM ${readJson(path, format)}`);
    if (rows.some((row) => row["column_type"] !== "JSON")) throw notObjects(subject);
    const names = rows.map((row) => String(row["column_name"]));
    if (!names.some((name, i) => isNumbered(name, names) || name === `C${i}`)) return names;
    const rowsOfKeys = await engine.rows(
      sql`SELECT DISTINCT unnest(json_keys(json)) AS k FROM ${objects}`,
    );
    const keys = rowsOfKeys.map((row) => String(row["k"])).sort();
    if (keys.includes("")) throw emptyKey(subject);
    checkNames(keys, subject, RENAME);
    return names;
  } catch (error) {
    const cause = error instanceof DuetMindError ? error.details.cause : error;
    // it numbers keys that differ by case only, so a name that is there twice is that of an empty key
    if (cause instanceof Error && /duplicate column name "C\d+"/.test(cause.message)) {
      throw emptyKey(subject);
    }
    if (!(cause instanceof Error && /expected records/.test(cause.message))) throw error;
    const [row] = await engine.rows(
      sql`SELECT count(*) FILTER (WHERE json::VARCHAR <> '{}') AS other FROM ${objects}`,
    );
    throw Number(row!["other"]) > 0 ? notObjects(subject) : withoutKeys(subject);
  }
}

/** Whether DuckDB may have made this name of a key that differs from another by case only: `A_1` beside `a`. */
function isNumbered(name: string, names: readonly string[]): boolean {
  const stem = /^(.*)_\d+$/s.exec(name)?.[1]?.toLowerCase();
  return stem !== undefined && names.some((other) => other.toLowerCase() === stem);
}

const RENAME = "rename one where the file is made";

/**
 * Whether an array holds anything. DuckDB takes `[{"a": 1},` for an array of one, and `[]` for one of
 * other things than objects; a file that was cut short must not pass, and one without rows must.
 */
function hasItems({ path, name: file }: PlainFile): boolean {
  const fd = openSync(path, "r");
  try {
    const { size } = fstatSync(fd);
    const tail = Buffer.alloc(Math.min(size, 4096));
    readSync(fd, tail, 0, tail.length, size - tail.length);
    const text = tail.toString("latin1").trimEnd();
    if (text.endsWith("]")) return size > tail.length || !EMPTY_ARRAY.test(text);
  } finally {
    closeSync(fd);
  }
  throw new DuetMindError(
    "BAD_INPUT",
    `${file}: expected a JSON array that ends with "]", got none`,
    {
      file,
      hint: "the file may be cut short; one object a line is `format: ndjson`",
    },
  );
}

/** With or without a byte order mark, whose bytes are read one by one. */
const EMPTY_ARRAY = /^(?:\xef\xbb\xbf)?\s*\[\s*\]$/;

function readJson(file: string, format: "json" | "ndjson"): Sql {
  // depth 1 leaves each value as its JSON text, so that no digit is lost on the way
  return sql`read_json(${lit(file)}, format = ${lit(layoutOf(format))}, records = true, hive_partitioning = false, sample_size = -1, maximum_depth = 1, map_inference_threshold = -1, field_appearance_threshold = 0)`;
}

function layoutOf(format: "json" | "ndjson"): string {
  return format === "json" ? "array" : "newline_delimited";
}

function withoutKeys(subject: string): DuetMindError {
  return new DuetMindError(
    "BAD_INPUT",
    `${subject}: expected objects with keys, which are the columns, got only {}`,
    { file: subject },
  );
}

/** DuckDB calls its column `C` and its place. */
function emptyKey(subject: string): DuetMindError {
  return new DuetMindError("BAD_INPUT", `${subject}: expected keys that name columns, got ""`, {
    file: subject,
    hint: RENAME,
  });
}

function notObjects(subject: string): DuetMindError {
  return new DuetMindError(
    "BAD_INPUT",
    `${subject}: expected an array of objects (.json) or one object a line (.ndjson), got other values`,
    { file: subject },
  );
}

async function jsonKinds(
  engine: Engine,
  texts: Sql,
  names: readonly string[],
): Promise<JsonKind[]> {
  const facts = names.flatMap((name, i) => {
    const value = id(name);
    const type = sql`json_type(${value})`;
    const isInteger = sql`regexp_full_match(${value}::VARCHAR, '-?[0-9]+')`;
    const fact = (label: string, condition: Sql) =>
      sql`count(*) FILTER (WHERE ${condition}) AS ${id(`${label} ${i}`)}`;
    return [
      sql`count(*) AS ${id(`rows ${i}`)}`,
      fact("null", sql`${value} IS NULL OR ${type} = 'NULL'`),
      fact("bool", sql`${type} = 'BOOLEAN'`),
      fact("text", sql`${type} = 'VARCHAR'`),
      fact("number", sql`${type} IN ('BIGINT', 'UBIGINT', 'DOUBLE', 'HUGEINT')`),
      fact("int", isInteger),
      fact("int64", sql`${isInteger} AND TRY_CAST(${value}::VARCHAR AS BIGINT) IS NOT NULL`),
      fact("uint64", sql`${isInteger} AND TRY_CAST(${value}::VARCHAR AS UBIGINT) IS NOT NULL`),
      fact(
        "safe",
        sql`${isInteger} AND abs(TRY_CAST(${value}::VARCHAR AS HUGEINT)) <= 9007199254740991`,
      ),
    ];
  });
  const [row] = await engine.rows(sql`SELECT ${join(facts)} FROM (${texts})`);
  return names.map((_, i) => {
    const count = (label: string) => Number(row![`${label} ${i}`]);
    const known = count("rows") - count("null");
    if (known === 0) return "DOUBLE";
    if (count("bool") === known) return "BOOLEAN";
    if (count("text") === known) return "VARCHAR";
    if (count("number") !== known) return "JSON";
    if (count("int") !== known) return "DOUBLE";
    if (count("int64") === known) {
      return count("null") > 0 && count("safe") === known ? "DOUBLE" : "BIGINT";
    }
    return count("uint64") === known ? "UBIGINT" : "JSON";
  });
}

function toColumn(value: Sql, kind: JsonKind): Sql {
  const known = sql`CASE WHEN json_type(${value}) = 'NULL' THEN NULL ELSE ${value} END`;
  if (kind === "VARCHAR") return sql`${known} ->> '$'`;
  if (kind === "JSON") {
    return sql`CASE json_type(${value}) WHEN 'NULL' THEN NULL WHEN 'VARCHAR' THEN ${value} ->> '$' ELSE ${value}::VARCHAR END`;
  }
  return sql`CAST(${known}::VARCHAR AS ${raw(kind)})`;
}

function toText(value: Sql): Sql {
  return sql`(CASE WHEN json_type(${value}) = 'NULL' THEN NULL ELSE ${value} ->> '$' END)`;
}
