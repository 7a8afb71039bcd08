import type { Engine } from "./engine.ts";
import type { Relation, RelationColumn } from "./relation.ts";
import { ROW_NUMBER } from "./relation.ts";
import { id, join, lit, type Sql, sql } from "./sql.ts";

/** What SQL counts of a column, beside the pass over its values. */
export type ColumnCounts = Readonly<{
  /** null for floats, of which a pass counts the NaN too. */
  missing: number | null;
  /** Exact up to a thousand, beyond that an estimate; null for floats and times, which hardly repeat. */
  distinct: number | null;
  /** Of text; null for the rest. */
  min: string | null;
  max: string | null;
}>;

export type DuplicateCounts = Readonly<{
  duplicateRows: number;
  /** Cells with a value, those of duplicate rows left out. */
  presentCells: number;
}>;

/** What is known of a column when its duplicates are counted. */
export type CountedColumn = Readonly<{
  name: string;
  missing: number;
  /** Known to increase from row to row, so that no two rows are the same. */
  isIncreasing: boolean;
}>;

const FLOATS = /^(FLOAT|DOUBLE)$/;
const HARDLY_REPEAT = /^(FLOAT|DOUBLE|TIMESTAMP.*)$/;
const EXACT_DISTINCT = 1000;
/** The estimate of a thousand values is some 130 off, and never twice as large. */
const SURELY_MORE = 2 * EXACT_DISTINCT;
const FIRST_ROWS = 50_000;

/**
 * Missing and distinct values of each column. A count of few values, which come from Parquet as codes
 * of a dictionary, costs a fifth of an estimate; so columns with few in the first rows are counted
 * right away, and the rest are estimated. Both ways give the same: the count where it is at most a
 * thousand or the estimate is low, else the estimate.
 */
export async function countColumns(engine: Engine, relation: Relation): Promise<ColumnCounts[]> {
  const repeating = relation.columns.filter(({ duckdbType }) => !HARDLY_REPEAT.test(duckdbType));
  const first = sql`(SELECT * FROM ${relation.sql} LIMIT ${lit(FIRST_ROWS)})`;
  const guess = await countDistinct(engine, first, repeating);
  const few = repeating.filter(({ name }) => guess.get(name)! <= EXACT_DISTINCT);
  const counted = await countDistinct(engine, relation.sql, few);
  const many = repeating.filter(({ name }) => !(counted.get(name)! <= EXACT_DISTINCT));
  const [row] = await engine.rows(
    sql`SELECT ${join([sql`count(*)`, ...relation.columns.flatMap(columnFacts), ...many.map(estimate)])} FROM ${relation.sql}`,
  );
  const low = many.filter(({ name }) => Number(row![`estimate ${name}`]) < SURELY_MORE);
  const late = low.filter(({ name }) => !counted.has(name));
  const exact = new Map([...counted, ...(await countDistinct(engine, relation.sql, late))]);
  const estimated = new Set(many.filter((column) => !low.includes(column)).map(({ name }) => name));
  return relation.columns.map(({ name, duckdbType }): ColumnCounts => {
    const known = FLOATS.test(duckdbType) ? null : Number(row![`known ${name}`]);
    return {
      missing: known === null ? null : relation.rowCount - known,
      distinct: estimated.has(name)
        ? Math.min(Number(row![`estimate ${name}`]), known!)
        : (exact.get(name) ?? null),
      min: toText(row![`min ${name}`]),
      max: toText(row![`max ${name}`]),
    };
  });
}

/**
 * Duplicate rows: those with the key of an earlier row, or without a key with its values. Three steps,
 * each only when the one before leaves it open: a column known to increase that is part of the key
 * (without a key, any) leaves no two rows the same; neither do hashes of the rows that all differ; else
 * the rows themselves are compared.
 */
export async function countDuplicates(
  engine: Engine,
  relation: Relation,
  columns: readonly CountedColumn[],
  key: readonly string[] | undefined,
): Promise<DuplicateCounts> {
  const names = key ?? relation.columns.map((column) => column.name);
  const presentCells = columns.reduce((sum, { missing }) => sum + relation.rowCount - missing, 0);
  if (columns.some(({ name, isIncreasing }) => isIncreasing && names.includes(name))) {
    return { duplicateRows: 0, presentCells };
  }
  const identity = join(names.map(id));
  const [row] = await engine.rows(
    sql`SELECT count(DISTINCT hash(${identity})) AS hashes FROM ${relation.sql}`,
  );
  if (Number(row!["hashes"]) === relation.rowCount) return { duplicateRows: 0, presentCells };
  return countFirstRows(engine, relation, identity);
}

async function countDistinct(
  engine: Engine,
  from: Sql,
  columns: readonly RelationColumn[],
): Promise<Map<string, number>> {
  if (columns.length === 0) return new Map();
  const counts = columns.map(({ name }) => sql`count(DISTINCT ${id(name)}) AS ${id(name)}`);
  const [row] = await engine.rows(sql`SELECT ${join(counts)} FROM ${from}`);
  return new Map(columns.map(({ name }) => [name, Number(row![name])]));
}

function estimate({ name }: RelationColumn): Sql {
  return sql`approx_count_distinct(${id(name)}) AS ${id(`estimate ${name}`)}`;
}

function columnFacts({ name, duckdbType }: RelationColumn): Sql[] {
  if (FLOATS.test(duckdbType)) return [];
  const known = sql`count(${id(name)}) AS ${id(`known ${name}`)}`;
  if (duckdbType !== "VARCHAR") return [known];
  const value = id(name);
  return [
    known,
    sql`min(${value}) AS ${id(`min ${name}`)}`,
    sql`max(${value}) AS ${id(`max ${name}`)}`,
  ];
}

/** NaN counts as null. */
function known(column: RelationColumn): Sql {
  const value = id(column.name);
  return FLOATS.test(column.duckdbType) ? sql`CASE WHEN NOT isnan(${value}) THEN 1 END` : value;
}

async function countFirstRows(
  engine: Engine,
  relation: Relation,
  identity: Sql,
): Promise<DuplicateCounts> {
  const present = join(
    relation.columns.map((column) => sql`count(${known(column)})`),
    " + ",
  );
  const [row] = await engine.rows(
    sql`SELECT count(*) AS first_rows, ${present} AS present FROM (SELECT * FROM ${relation.numbered} QUALIFY row_number() OVER (PARTITION BY ${identity} ORDER BY ${id(ROW_NUMBER)}) = 1)`,
  );
  return {
    duplicateRows: relation.rowCount - Number(row!["first_rows"]),
    presentCells: Number(row!["present"]),
  };
}

function toText(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}
