import fc from "fast-check";
import type { Clause, Test } from "../../src/search/clause.ts";
import type { Field, Grammar, Operator } from "../../src/search/grammar.ts";

/** Writes clauses as a filter: what the parser must read back. */
export function printFilter(clauses: readonly Clause[], grammar: Grammar): string {
  return clauses.map((clause) => printClause(clause, grammar)).join(" AND ");
}

function printClause({ entity, key, op, value }: Clause, grammar: Grammar): string {
  const name = `${grammar.entities[entity]!.prefixes[0]}.\`${key}\``;
  if (value === null) return `${name} ${op}`;
  if (typeof value === "object") return `${name} ${op} (${value.map(printValue).join(", ")})`;
  return `${name} ${op} ${printValue(value)}`;
}

function printValue(value: string | number): string {
  if (Object.is(value, -0)) return "-0";
  if (typeof value === "number") return value === Infinity ? "1e999" : String(value);
  return value.includes("'") ? `"${value}"` : `'${value}'`;
}

const key = fc.string({ unit: fc.constantFrom(..."aZ_9é./- :'\";%$"), minLength: 1, maxLength: 8 });

/** What can be written: a text with both kinds of quotes, or with a quote's escape at its end, cannot. */
const text = fc
  .string({
    unit: fc.constantFrom(..."aZ9é _%'\"();,=`.\n", "\\", "AND", "--", "NULL"),
    maxLength: 12,
  })
  .filter((value) => !(value.includes("'") && value.includes('"')) && !value.endsWith("\\"));

/** Clauses that a grammar allows. */
export function clausesOf(grammar: Grammar): fc.Arbitrary<readonly Clause[]> {
  const clause = fc.constantFrom(...Object.entries(grammar.entities)).chain(([entity, rule]) => {
    const names = rule.keys === "any" ? key : fc.constantFrom(...new Set(rule.keys.values()));
    return names.chain((name) => {
      const field = rule.field(name);
      if (field.operators.length === 0) return fc.constant<Clause[]>([]);
      return fc
        .constantFrom(...field.operators)
        .chain((op) => testOf(op, field))
        .map((test): Clause[] => [{ entity, key: name, ...test }]);
    });
  });
  return fc.array(clause, { maxLength: 6 }).map((found) => found.flat());
}

function testOf(op: Operator, { type }: Field): fc.Arbitrary<Test> {
  const number = type === "number" ? fc.double({ noNaN: true, min: -1e308 }) : fc.maxSafeInteger();
  const value: fc.Arbitrary<string | number> = type === "text" || type === "code" ? text : number;
  switch (op) {
    case "IS NULL":
    case "IS NOT NULL":
      return fc.constant({ op, value: null });
    case "IN":
    case "NOT IN":
      return fc
        .array(value, { minLength: 1, maxLength: 4 })
        .map((values) => ({ op, value: values as string[] }));
    default:
      return value.map((one) => ({ op, value: one }) as Test);
  }
}

/** Text that is nearly a filter, and often is one: printed, then changed in a few places. */
export function nearlyFilter(grammar: Grammar): fc.Arbitrary<string> {
  const piece = fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...piecesOfFilters()) },
    { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 6 }) },
  );
  const edit = fc.record({ at: fc.double({ min: 0, max: 1, noNaN: true }), cut: fc.nat(3), piece });
  return fc.tuple(clausesOf(grammar), fc.array(edit, { maxLength: 4 })).map(([clauses, edits]) =>
    edits.reduce(
      (text, { at, cut, piece: put }) => {
        const place = Math.floor(at * text.length);
        return text.slice(0, place) + put + text.slice(place + cut);
      },
      printFilter(clauses, grammar),
    ),
  );
}

function piecesOfFilters(): readonly string[] {
  return [
    ..."metrics.m params.`a` tags.'t' attributes.status run_id name dataset.name".split(" "),
    ..."= != > >= < <= == <> LIKE ILIKE IN NOT IS NULL AND OR BETWEEN".split(" "),
    ..."'x' \"y\" 'it''s' '\\' 5 -1 .5 1e-3 1e999 ( ) , ; ' \" ` . -- /* \\".split(" "),
    "'; DROP TABLE runs; --",
    "('a', 'b')",
    "\0",
    "\u{1f600}",
    "\ud800",
  ];
}
