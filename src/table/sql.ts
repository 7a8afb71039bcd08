/**
 * The one way to make SQL for DuckDB: a tagged template that takes other pieces of SQL and nothing
 * else, so a value or a name from outside can only enter through `lit` or `id`, which quote it.
 *
 *     const names = join(["age", "site"].map(id));
 *     sql`SELECT ${names} FROM ${relation.sql} WHERE age < ${lit(90)}`;
 */
export type Sql = Readonly<{ text: string; [BRAND]: true }>;

declare const BRAND: unique symbol;

export type SqlValue = string | number | bigint | boolean | null | readonly SqlValue[];

export function sql(parts: TemplateStringsArray, ...pieces: readonly Sql[]): Sql {
  let text = parts[0]!;
  for (let i = 0; i < pieces.length; i++) text += pieces[i]!.text + parts[i + 1]!;
  return toSql(text);
}

/** A quoted identifier. DuckDB compares identifiers without case; see `planNames` in columns of a source. */
export function id(name: string): Sql {
  return toSql(`"${name.replaceAll('"', '""')}"`);
}

/** A literal: text is quoted, numbers keep every bit, null is NULL, an array becomes a list. */
export function lit(value: SqlValue): Sql {
  if (value === null) return toSql("NULL");
  if (typeof value === "boolean") return toSql(value ? "TRUE" : "FALSE");
  if (typeof value === "bigint") return toSql(integerText(value));
  if (typeof value === "number") return toSql(numberText(value));
  if (typeof value === "string") return toSql(stringText(value));
  return toSql(`[${value.map((item) => lit(item).text).join(", ")}]`);
}

/** Pieces with a separator between them, `, ` unless told. */
export function join(pieces: readonly Sql[], separator = ", "): Sql {
  return toSql(pieces.map((piece) => piece.text).join(separator));
}

/** Constant text of our own, such as a keyword or a type's name; never anything from outside. */
export function raw(constant: string): Sql {
  return toSql(constant);
}

function toSql(text: string): Sql {
  return { text } as Sql;
}

function integerText(value: bigint): string {
  return value < 0n ? `(${value})` : String(value);
}

/** Shortest round trip; a double stays a double, since `1` alone would be an INTEGER to DuckDB. */
function numberText(value: number): string {
  if (Number.isNaN(value)) return "'nan'::DOUBLE";
  if (!Number.isFinite(value)) return value > 0 ? "'inf'::DOUBLE" : "'-inf'::DOUBLE";
  if (Number.isSafeInteger(value) && !Object.is(value, -0)) return integerText(BigInt(value));
  const text = `'${Object.is(value, -0) ? "-0" : String(value)}'::DOUBLE`;
  return text;
}

/** chr(0) has no place in a DuckDB string literal, so it is spliced in. */
function stringText(value: string): string {
  const quoted = value.split("\u0000").map((part) => `'${part.replaceAll("'", "''")}'`);
  return quoted.length === 1 ? quoted[0]! : `(${quoted.join(" || chr(0) || ")})`;
}
