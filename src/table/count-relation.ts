import type { Engine } from "./engine.ts";
import type { Relation, RelationColumn } from "./relation.ts";
import { ROW_NUMBER } from "./relation.ts";
import type { Row } from "./row.ts";
import { id, join, type Sql, sql } from "./sql.ts";

export type ColumnCounts = Readonly<{
  missing: number;
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

const FLOATS = /^(FLOAT|DOUBLE)$/;
const HARDLY_REPEAT = /^(FLOAT|DOUBLE|TIMESTAMP.*)$/;
const EXACT_DISTINCT = 1000;

/** Missing and distinct values of each column, in one scan. */
export async function countColumns(engine: Engine, relation: Relation): Promise<ColumnCounts[]> {
  const facts = relation.columns.flatMap(columnFacts);
  const [row] = await engine.rows(sql`SELECT ${join(facts)} FROM ${relation.sql}`);
  const distinct = await countDistinct(engine, relation, row!);
  return relation.columns.map((column, i): ColumnCounts => {
    const known = Number(row![`known ${i}`]);
    return {
      missing: relation.rowCount - known,
      distinct: distinct[i]!,
      min: column.duckdbType === "VARCHAR" ? toText(row![`min ${i}`]) : null,
      max: column.duckdbType === "VARCHAR" ? toText(row![`max ${i}`]) : null,
    };
  });
}

/**
 * Duplicate rows: those with the key of an earlier row, or without a key with its values. Three steps,
 * each only when the one before leaves it open: a column known to increase (`increasing`) that is part
 * of the key (without a key, any) leaves no two rows the same; neither do hashes of the rows that all
 * differ; else the rows themselves are compared.
 */
export async function countDuplicates(
  engine: Engine,
  relation: Relation,
  columns: readonly ColumnCounts[],
  key: readonly string[] | undefined,
  increasing: readonly string[],
): Promise<DuplicateCounts> {
  const names = key ?? relation.columns.map((column) => column.name);
  const presentCells = columns.reduce((sum, { missing }) => sum + relation.rowCount - missing, 0);
  if (names.some((name) => increasing.includes(name))) return { duplicateRows: 0, presentCells };
  const identity = join(names.map(id));
  const [row] = await engine.rows(
    sql`SELECT count(DISTINCT hash(${identity})) AS hashes FROM ${relation.sql}`,
  );
  if (Number(row!["hashes"]) === relation.rowCount) return { duplicateRows: 0, presentCells };
  return countFirstRows(engine, relation, identity);
}

function columnFacts(column: RelationColumn, i: number): Sql[] {
  const value = id(column.name);
  const facts = [sql`count(${known(column)}) AS ${id(`known ${i}`)}`];
  if (!HARDLY_REPEAT.test(column.duckdbType)) {
    facts.push(sql`approx_count_distinct(${value}) AS ${id(`distinct ${i}`)}`);
  }
  if (column.duckdbType === "VARCHAR") {
    facts.push(sql`min(${value}) AS ${id(`min ${i}`)}`, sql`max(${value}) AS ${id(`max ${i}`)}`);
  }
  return facts;
}

/** NaN counts as null. */
function known(column: RelationColumn): Sql {
  const value = id(column.name);
  return FLOATS.test(column.duckdbType) ? sql`CASE WHEN NOT isnan(${value}) THEN 1 END` : value;
}

/** The estimate errs by a few per cent, which shows when there are eight sites: few are counted. */
async function countDistinct(
  engine: Engine,
  relation: Relation,
  row: Row,
): Promise<(number | null)[]> {
  const estimates = relation.columns.map((_, i) => {
    const estimate = row[`distinct ${i}`];
    return typeof estimate === "number" ? Math.min(estimate, Number(row[`known ${i}`])) : null;
  });
  const few = relation.columns.flatMap((column, i) =>
    (estimates[i] ?? EXACT_DISTINCT) < EXACT_DISTINCT
      ? [sql`count(DISTINCT ${id(column.name)}) AS ${id(String(i))}`]
      : [],
  );
  if (few.length === 0) return estimates;
  const [exact] = await engine.rows(sql`SELECT ${join(few)} FROM ${relation.sql}`);
  return estimates.map((estimate, i) => (exact![i] === undefined ? estimate : Number(exact![i])));
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
