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

export type RelationCounts = Readonly<{
  columns: readonly ColumnCounts[];
  duplicateRows: number;
  /** Cells with a value, those of duplicate rows left out. */
  presentCells: number;
}>;

const FLOATS = /^(FLOAT|DOUBLE)$/;
const HARDLY_REPEAT = /^(FLOAT|DOUBLE|TIMESTAMP.*)$/;
const EXACT_DISTINCT = 1000;

/**
 * Missing values, distinct values and duplicate rows in one scan. A row is a duplicate when an earlier
 * one has the same key, or without a key the same values. Hashes of the rows are counted first: when
 * all differ there is no duplicate; only when some agree are the rows themselves compared.
 */
export async function countRelation(
  engine: Engine,
  relation: Relation,
  key: readonly string[] | undefined,
): Promise<RelationCounts> {
  const identity = join((key ?? relation.columns.map((column) => column.name)).map(id));
  const facts = relation.columns.flatMap(columnFacts);
  const [row] = await engine.rows(
    sql`SELECT count(DISTINCT hash(${identity})) AS hashes, ${join(facts)} FROM ${relation.sql}`,
  );
  const distinct = await countDistinct(engine, relation, row!);
  const columns = relation.columns.map((column, i): ColumnCounts => {
    const known = Number(row![`known ${i}`]);
    return {
      missing: relation.rowCount - known,
      distinct: distinct[i]!,
      min: column.duckdbType === "VARCHAR" ? toText(row![`min ${i}`]) : null,
      max: column.duckdbType === "VARCHAR" ? toText(row![`max ${i}`]) : null,
    };
  });
  const present = columns.reduce((sum, { missing }) => sum + relation.rowCount - missing, 0);
  if (Number(row!["hashes"]) === relation.rowCount) {
    return { columns, duplicateRows: 0, presentCells: present };
  }
  return { columns, ...(await countFirstRows(engine, relation, identity)) };
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
): Promise<Pick<RelationCounts, "duplicateRows" | "presentCells">> {
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
