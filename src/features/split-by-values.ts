import { DuetMindError } from "../core/errors.ts";
import type { Engine } from "../table/engine.ts";
import { join, lit, type Sql, sql } from "../table/sql.ts";
import { SPLITS, type SplitParams } from "./split-params.ts";

/**
 * The split of a row by a value of it, such as its site or its year. `value` is that value as text,
 * `isValidation` tells the subjects that are taken from train where no value is assigned to validation.
 */
export function byValues(value: Sql, split: SplitParams, isValidation: Sql): Sql {
  const assign = split.assign!;
  const cases = SPLITS.flatMap((name) => {
    const values = assign[name];
    return values === undefined ? [] : [sql`WHEN ${value} IN (${list(values)}) THEN ${lit(name)}`];
  });
  const taken =
    assign.validation === undefined
      ? [sql`WHEN ${value} IN (${list(assign.train)}) AND ${isValidation} THEN 'validation'`]
      : [];
  return sql`CASE ${join([...taken, ...cases], " ")} END`;
}

/** Throws BAD_INPUT for a value that no split has, and for a subject that would be in two. */
export async function checkValues(
  engine: Engine,
  rows: Sql,
  split: SplitParams,
  value: Sql,
  subject: Sql,
): Promise<void> {
  const assign = split.assign!;
  const known = SPLITS.flatMap((name) => assign[name] ?? []);
  const [stray] = await engine.rows(
    sql`SELECT ${value} AS v, count(*) AS n FROM ${rows} WHERE ${value} NOT IN (${list(known)}) GROUP BY 1 ORDER BY 1 LIMIT 1`,
  );
  if (stray !== undefined) {
    throw new DuetMindError(
      "BAD_INPUT",
      `split.assign: expected each value of "${split.column}" in train, validation or test, got "${stray["v"]}" in none (${stray["n"]} rows)`,
      { path: "split.assign" },
    );
  }
  const part = byValues(value, split, sql`FALSE`);
  const [torn] = await engine.rows(
    sql`SELECT count(*) AS n FROM (SELECT 1 FROM ${rows} GROUP BY ${subject} HAVING count(DISTINCT ${part}) > 1)`,
  );
  if (Number(torn!["n"]) === 0) return;
  throw new DuetMindError(
    "BAD_INPUT",
    `split.assign: expected all rows of a subject in one split, got ${torn!["n"]} subjects in several`,
    { path: "split.assign", hint: "a model that has seen a subject is not tested by it" },
  );
}

function list(values: readonly (string | number | boolean)[]): Sql {
  return join(values.map((value) => lit(String(value))));
}
