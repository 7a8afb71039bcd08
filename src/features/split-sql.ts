import { ROW_NUMBER } from "../table/relation.ts";
import { id, join, lit, type Sql, sql } from "../table/sql.ts";
import { double } from "./log-sql.ts";
import { byValues } from "./split-by-values.ts";
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

/**
 * What decides a row's split: `subject` is text over its columns, `stratum` any value of it, `value` the
 * value of the split's column as text.
 */
export type Deciders = Readonly<{ subject: Sql; stratum: Sql; value: Sql | null }>;

/** Whether a split ranks subjects, so that it cannot be told from one row. */
export function ranksSubjects({ method, stratify }: SplitParams): boolean {
  return method === "time" || (method === "hash" && stratify);
}

/** The split of a row as an expression, for splits that do not rank subjects. */
export function splitOfRow(split: SplitParams, { subject, value }: Deciders): Sql {
  if (split.method !== "values") return byHash(hashOf(subject, split.seed), split);
  const share = split.validation / (split.train + split.validation);
  const isValidation = sql`${hashOf(subject, split.seed)} < ${lit(hexBorder(share))}`;
  return byValues(value!, split, isValidation);
}

/**
 * The subjects of rows, as a query: `subject`, its `first` row and its split. Each subject is hashed once,
 * however many rows it has.
 */
export function splitOfSubjects(rows: Sql, split: SplitParams, deciders: Deciders): Sql {
  const { subject, stratum, value } = deciders;
  const grouped = (decider: Sql) => sql`
    SELECT ${subject} AS subject, min(${id(ROW_NUMBER)}) AS first, ${decider} AS decider
    FROM ${rows} GROUP BY 1`;
  if (split.method === "time") return byTime(grouped(sql`max(${id(split.column!)})`), split);
  if (split.method === "hash" && split.stratify) {
    return byStratum(grouped(sql`max(${stratum})`), split);
  }
  const decided = value === null ? sql`NULL` : sql`any_value(${value})`;
  const ofSubject = { ...deciders, subject: sql`subject`, value: sql`decider` };
  return sql`SELECT subject, first, ${splitOfRow(split, ofSubject)} AS split FROM (${grouped(decided)})`;
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

function byStratum(subjects: Sql, split: SplitParams): Sql {
  const upTo = split.test === 0 ? 1 : split.train + split.validation;
  return sql`
    WITH subjects AS (${subjects}),
    ranked AS (
      SELECT subject, first, count(*) OVER (PARTITION BY decider) AS size,
        row_number() OVER (PARTITION BY decider ORDER BY ${hashOf(sql`subject`, split.seed)}, subject) AS place
      FROM subjects)
    SELECT subject, first, CASE WHEN (place - ${double(0.5)}) / size < ${double(split.train)} THEN 'train'
      WHEN (place - ${double(0.5)}) / size < ${double(upTo)} THEN 'validation' ELSE 'test' END AS split FROM ranked`;
}

function byTime(subjects: Sql, split: SplitParams): Sql {
  const border = (fraction: number) =>
    sql`(SELECT decider FROM placed WHERE place = greatest(1, ceil(size * ${double(fraction)} - ${double(1e-9)})))`;
  const upTo = split.test === 0 ? 1 : split.train + split.validation;
  return sql`
    WITH subjects AS (${subjects}),
    placed AS (SELECT decider, row_number() OVER (ORDER BY decider, subject) AS place, count(*) OVER () AS size FROM subjects)
    SELECT subject, first, CASE WHEN decider <= ${border(split.train)} THEN 'train'
      WHEN decider <= ${border(upTo)} THEN 'validation' ELSE 'test' END AS split FROM subjects`;
}
