import { DuetMindError } from "../core/errors.ts";
import type { Clause, Test } from "./clause.ts";
import type { Grammar, Operator } from "./grammar.ts";
import { type ResolvedField, resolveField } from "./resolve-field.ts";
import { syntaxError, type Token, tokenize } from "./tokenize.ts";

/** Each clause becomes a condition of the query, so their number is bounded. */
export const MAX_CLAUSES = 100;

/**
 * Parses MLflow's filter language: `clause (AND clause)*`, where a clause is
 *
 *     identifier (= != > >= < <=) number      identifier [NOT] IN ('a', 'b')
 *     identifier (= != LIKE ILIKE) 'text'     identifier IS [NOT] NULL
 *
 * An AND before the first or behind the last clause is passed over; an empty text is no filter.
 */
export function parseFilter<E extends string>(
  text: string,
  grammar: Grammar<E>,
): readonly Clause<E>[] {
  if (text === "") return [];
  const tokens = tokenize(text);
  const reader: Reader = { tokens, text, next: 0 };
  takeWord(reader, "AND");
  const clauses: Clause<E>[] = [];
  do {
    if (clauses.length > 0 && reader.next === tokens.length) break;
    clauses.push(readClause(reader, grammar));
  } while (takeWord(reader, "AND"));
  const rest = tokens[reader.next];
  if (rest !== undefined) throw unexpected(reader, "expected AND");
  if (clauses.length > MAX_CLAUSES) {
    throw new DuetMindError(
      "BAD_INPUT",
      `Invalid filter string: expected at most ${MAX_CLAUSES} clauses, got ${clauses.length}`,
    );
  }
  return clauses;
}

type Reader = { readonly tokens: readonly Token[]; readonly text: string; next: number };

function readClause<E extends string>(reader: Reader, grammar: Grammar<E>): Clause<E> {
  const start = reader.tokens[reader.next];
  const identifier = isIdentifier(start, reader.text) ? start : undefined;
  if (identifier === undefined) throw unexpected(reader, "expected an identifier");
  reader.next += 1;
  const resolved = resolveField(grammar, identifier.prefix, identifier.text);
  const { entity, key } = resolved;
  const at = reader.tokens[reader.next];
  const operator = readOperator(reader);
  const { operators } = resolved.field;
  if (!operators.includes(operator)) {
    const expected = operators.length === 0 ? "a field that can be searched" : operators.join(", ");
    throw syntaxError(
      `Invalid comparator for ${entity} "${key}": expected ${expected}`,
      operator,
      at!.at,
    );
  }
  return { entity, key, ...readTest(reader, operator, resolved) };
}

/** A bare name may stand in double quotes or backticks; in single quotes it is a value. */
function isIdentifier(token: Token | undefined, text: string): token is Token {
  if (token === undefined) return false;
  if (token.kind === "string") return text[token.at] === '"' && token.text !== "";
  return (token.kind === "word" || token.kind === "identifier") && token.text !== "";
}

function readOperator(reader: Reader): Operator {
  const token = reader.tokens[reader.next];
  if (token?.kind === "operator") {
    reader.next += 1;
    return token.text as Operator;
  }
  if (takeWord(reader, "LIKE")) return "LIKE";
  if (takeWord(reader, "ILIKE")) return "ILIKE";
  if (takeWord(reader, "IN")) return "IN";
  if (takeWord(reader, "NOT")) {
    if (takeWord(reader, "IN")) return "NOT IN";
    throw unexpected(reader, "expected IN behind NOT");
  }
  if (!takeWord(reader, "IS")) throw unexpected(reader, "expected a comparator");
  const not = takeWord(reader, "NOT");
  if (takeWord(reader, "NULL")) return not ? "IS NOT NULL" : "IS NULL";
  throw unexpected(reader, "expected NULL behind IS");
}

function readTest<E extends string>(
  reader: Reader,
  op: Operator,
  resolved: ResolvedField<E>,
): Test {
  switch (op) {
    case "IS NULL":
    case "IS NOT NULL":
      return { op, value: null };
    case "IN":
    case "NOT IN":
      return { op, value: readList(reader, resolved) };
    default: {
      const value = readValue(reader, resolved);
      // The grammar gives texts only to operators that take texts.
      return { op, value } as Test;
    }
  }
}

/** `('a', 'b')`; a comma behind the last value is passed over, as Python prints a tuple of one. */
function readList<E extends string>(
  reader: Reader,
  resolved: ResolvedField<E>,
): readonly string[] | readonly number[] {
  takeKind(reader, "(", "expected a list in parentheses");
  const values: (string | number)[] = [];
  for (;;) {
    if (values.length > 0 && reader.tokens[reader.next]?.kind === ")") break;
    values.push(readValue(reader, resolved));
    if (reader.tokens[reader.next]?.kind === ")") break;
    takeKind(reader, ",", "expected , or )");
  }
  reader.next += 1;
  return values as readonly string[] | readonly number[];
}

function readValue<E extends string>(
  reader: Reader,
  { entity, key, field }: ResolvedField<E>,
): string | number {
  const token = reader.tokens[reader.next];
  const named = `${entity} "${key}"`;
  if (token === undefined) throw unexpected(reader, `expected a value for ${named}`);
  reader.next += 1;
  const got = quotedAsWritten(reader.text, token);
  if (field.type === "text" || field.type === "code") {
    if (token.kind === "string") return token.text;
    if (token.kind === "number" && field.type === "code") return token.text;
    throw syntaxError(`expected a quoted string value for ${named}`, got, token.at);
  }
  const quoted = field.type === "id" && token.kind === "string" && /^-?\d+$/.test(token.text);
  const value = token.kind === "number" || quoted ? Number(token.text) : Number.NaN;
  if (Number.isNaN(value)) {
    throw syntaxError(`expected a numeric value for ${named}`, got, token.at);
  }
  if (field.type !== "number" && !Number.isInteger(value)) {
    throw syntaxError(`expected an integer for ${named}`, got, token.at);
  }
  return value;
}

function takeWord(reader: Reader, keyword: string): boolean {
  const token = reader.tokens[reader.next];
  if (token?.kind !== "word" || token.text.toUpperCase() !== keyword) return false;
  reader.next += 1;
  return true;
}

function takeKind(reader: Reader, kind: Token["kind"], expected: string): void {
  if (reader.tokens[reader.next]?.kind !== kind) throw unexpected(reader, expected);
  reader.next += 1;
}

function unexpected({ tokens, text, next }: Reader, expected: string): DuetMindError {
  const token = tokens[next];
  if (token === undefined) return syntaxError(expected, "the end", text.length);
  return syntaxError(expected, quotedAsWritten(text, token), token.at);
}

function quotedAsWritten(text: string, token: Token): string {
  return token.kind === "string"
    ? text.slice(token.at, token.at + token.text.length + 2)
    : `'${token.text}'`;
}
