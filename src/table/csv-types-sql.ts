import { BOOL_WORDS, type CsvKind, FLOAT, INTEGER } from "./csv-guess.ts";
import type { Engine } from "./engine.ts";
import type { Row } from "./row.ts";
import { id, join, lit, raw, type Sql, sql } from "./sql.ts";

/** The kind of each column over all its values; `texts` is the table with every column as text. */
export async function provenKinds(
  engine: Engine,
  texts: Sql,
  names: readonly string[],
): Promise<CsvKind[]> {
  const facts = names.flatMap((name, i) => columnFacts(id(name), i));
  const [row] = await engine.rows(sql`SELECT ${join(facts)} FROM ${texts}`);
  return names.map((_, i) => toKind(row!, i));
}

function columnFacts(text: Sql, i: number): Sql[] {
  const bigint = sql`TRY_CAST(${text} AS BIGINT)`;
  const words = raw(BOOL_WORDS.map((word) => `'${word}'`).join(", "));
  const fact = (name: string, expression: Sql) => sql`${expression} AS ${id(`${name} ${i}`)}`;
  return [
    fact("known", sql`count(${text})`),
    fact("rows", sql`count(*)`),
    fact("bool", sql`coalesce(bool_and(${text} IN (${words})), FALSE)`),
    fact("int", sql`coalesce(bool_and(regexp_matches(${text}, ${lit(INTEGER)})), FALSE)`),
    fact("int64", sql`count(${bigint})`),
    fact("uint64", sql`count(TRY_CAST(${text} AS UBIGINT))`),
    fact("safe", sql`count(*) FILTER (WHERE abs(${bigint}::HUGEINT) <= 9007199254740991)`),
    fact("float", sql`coalesce(bool_and(regexp_matches(${text}, ${lit(FLOAT)})), FALSE)`),
  ];
}

function toKind(row: Row, i: number): CsvKind {
  const number = (name: string) => Number(row[`${name} ${i}`]);
  const known = number("known");
  const hasNulls = known < number("rows");
  if (known === 0) return "float"; // as pandas types a column without values
  if (row[`bool ${i}`] === true) return "bool";
  if (row[`int ${i}`] === true) {
    if (number("int64") === known) {
      if (!hasNulls) return "int";
      return number("safe") === known ? "int-as-float" : "int-with-nulls";
    }
    return number("uint64") === known ? "uint" : "str"; // text keeps every digit
  }
  return row[`float ${i}`] === true ? "float" : "str";
}
