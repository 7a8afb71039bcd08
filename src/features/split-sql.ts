import type { Engine } from "../table/engine.ts";
import { ROW_NUMBER } from "../table/relation.ts";
import { id, join, lit, type Sql, sql } from "../table/sql.ts";
import { double } from "./log-sql.ts";
import { byValues, checkValues } from "./split-by-values.ts";
import type { SplitParams } from "./split-params.ts";

/**
 * Which split a row belongs to.
 *
 * hash: h = the first 13 hex digits (52 bits) of SHA-256("duetmind.split.v1" US seed US subject), US
 * being chr(31); a row is in train when h / 2^52 < train, in validation when < train + validation. It
 * depends on nothing but seed and subject, so adding, removing or reordering rows moves nobody.
 *
 * hash, stratified: the subjects of one target value are ranked by that hash, and the first share of
 * them is train. The shares are exact within each value, but a new subject moves at most the subjects
 * at the two borders of its stratum. A subject with several values counts with the greatest.
 *
 * time: subjects ordered by their last row; train ends at the time of the last subject of its share, so
 * no row of train is later than any subject of validation ends. Equal times stay together. Adding
 * later rows moves the borders.
 *
 * values: a column decides (`split-by-values.ts`), such as the site or the year.
 */
export const SPLIT_COLUMN = "__split__";

export type SplitRelation = Readonly<{
  /** For FROM: the columns of the rows and SPLIT_COLUMN. */
  sql: Sql;
  /** False when rows come in no fixed order: order by ROW_NUMBER before writing. */
  ordered: boolean;
}>;

/**
 * What decides a row's split: `subject` is text over its columns, `stratum` any value of it, `value` the
 * value of the split's column as text.
 */
export type Deciders = Readonly<{ subject: Sql; stratum: Sql; value: Sql | null }>;

/** Adds the split to rows. */
export async function addSplit(
  engine: Engine,
  rows: Sql,
  split: SplitParams,
  { subject, stratum, value }: Deciders,
): Promise<SplitRelation> {
  if (split.method === "values") {
    await checkValues(engine, rows, split, value!, subject);
    const share = split.validation / (split.train + split.validation);
    const isValidation = sql`${hashOf(subject, split.seed)} < ${lit(hexBorder(share))}`;
    return {
      sql: sql`(SELECT *, ${byValues(value!, split, isValidation)} AS ${id(SPLIT_COLUMN)} FROM ${rows})`,
      ordered: true,
    };
  }
  if (split.method === "hash" && !split.stratify) {
    return {
      sql: sql`(SELECT * EXCLUDE ("__hash__"), ${byHash(sql`"__hash__"`, split)} AS ${id(SPLIT_COLUMN)}
        FROM (SELECT *, ${hashOf(subject, split.seed)} AS "__hash__" FROM ${rows}))`,
      ordered: true,
    };
  }
  const table = id(engine.freshName());
  const query =
    split.method === "time"
      ? byTime(rows, split, subject)
      : byStratum(rows, split, subject, stratum);
  await engine.run(sql`CREATE TABLE ${table} AS ${query}`);
  const joined = sql`(SELECT r.*, s.split AS ${id(SPLIT_COLUMN)}
    FROM (SELECT *, ${subject} AS "__subject__" FROM ${rows}) r JOIN ${table} s ON r."__subject__" = s.subject)`;
  return { sql: joined, ordered: false };
}

/** The subject of a row as text: its columns, which keep apart ("a", "bc") and ("ab", "c"). */
export function subjectText(columns: readonly Sql[]): Sql {
  return columns.length === 0
    ? sql`${id(ROW_NUMBER)}::VARCHAR`
    : join(
        columns.map((column) => sql`coalesce(${column}, '')`),
        " || chr(31) || ",
      );
}

function hashOf(subject: Sql, seed: number): Sql {
  return sql`sha256('duetmind.split.v1' || chr(31) || ${lit(String(seed))} || chr(31) || ${subject})`;
}

/** Hex text compares like the number it stands for, so no digit is converted. */
function byHash(hash: Sql, split: SplitParams): Sql {
  return sql`CASE WHEN ${hash} < ${lit(hexBorder(split.train))} THEN 'train' WHEN ${hash} < ${lit(
    hexBorder(split.test === 0 ? 1 : split.train + split.validation),
  )} THEN 'validation' ELSE 'test' END`;
}

/** The fraction as 13 hex digits; 1 is beyond every hash. */
function hexBorder(fraction: number): string {
  const border = Math.round(fraction * 2 ** 52);
  return border >= 2 ** 52 ? "g" : border.toString(16).padStart(13, "0");
}

function byStratum(rows: Sql, split: SplitParams, subject: Sql, stratum: Sql): Sql {
  const upTo = split.test === 0 ? 1 : split.train + split.validation;
  return sql`
    WITH subjects AS (SELECT ${subject} AS subject, max(${stratum}) AS stratum FROM ${rows} GROUP BY 1),
    ranked AS (
      SELECT subject, count(*) OVER (PARTITION BY stratum) AS n,
        row_number() OVER (PARTITION BY stratum ORDER BY ${hashOf(sql`subject`, split.seed)}, subject) AS place
      FROM subjects)
    SELECT subject, CASE WHEN (place - ${double(0.5)}) / n < ${double(split.train)} THEN 'train'
      WHEN (place - ${double(0.5)}) / n < ${double(upTo)} THEN 'validation' ELSE 'test' END AS split FROM ranked`;
}

function byTime(rows: Sql, split: SplitParams, subject: Sql): Sql {
  const border = (fraction: number) =>
    sql`(SELECT moment FROM placed WHERE place = greatest(1, ceil(n * ${double(fraction)} - ${double(1e-9)})))`;
  const upTo = split.test === 0 ? 1 : split.train + split.validation;
  return sql`
    WITH subjects AS (SELECT ${subject} AS subject, max(${id(split.column!)}) AS moment FROM ${rows} GROUP BY 1),
    placed AS (SELECT moment, row_number() OVER (ORDER BY moment, subject) AS place, count(*) OVER () AS n FROM subjects)
    SELECT subject, CASE WHEN moment <= ${border(split.train)} THEN 'train'
      WHEN moment <= ${border(upTo)} THEN 'validation' ELSE 'test' END AS split FROM subjects`;
}
