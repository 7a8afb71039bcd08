import { expect, test } from "vitest";
import { sqlExpressionColumns, sqlExpressionProblem } from "../../src/features/sql-expression.ts";

test.each([
  "a + 1",
  "weight / (height * height)",
  "CASE WHEN age >= 65 AND site IN ('Basel', 'Oslo') THEN 1 ELSE 0 END",
  'abs("odd ""name""" - 2.5e-3)',
  "coalesce(a, b, 0)::DOUBLE",
  "CAST(score AS DECIMAL(4, 1)) BETWEEN 1 AND 2",
  '"select" + 1',
  "name = '; DROP TABLE x --'",
  "greatest(a, -b) IS NOT NULL",
])("%s is an expression over the row", (text) => {
  expect(sqlExpressionProblem(text)).toBeUndefined();
});

test.each([
  ["(SELECT max(x) FROM t)", "SELECT"],
  ["a) FROM read_text('/etc/passwd') WHERE (1 = 1", "parentheses"],
  ["1), (2", "parentheses"],
  ["a, b", "comma"],
  ["read_text('/etc/passwd')", "read_text()"],
  ["getenv('HOME')", "getenv()"],
  ["random()", "random()"],
  ['"random"()', "random"],
  ["now()", "now()"],
  ["current_date", "CURRENT_DATE"],
  ["sum(a)", "sum()"],
  ["row_number() OVER ()", "row_number()"],
  ["ln(a)", "ln()"],
  ["a; DROP TABLE x", '"; DROP'],
  ["a -- comment", "comment"],
  ["a /* comment */ + 1", "comment"],
  ["list_transform(a, b)", "list_transform()"],
  ["abs(x -> x)", '"-> x)'],
  ["[1, 2][1]", '"[1'],
  ["$1", '"$1"'],
  ["?", '"?"'],
  ["a.b", '".b"'],
  ["(a + 1", "not closed"],
  ["E'\\x41' || a", "\"E'"],
  ["E'\\'' || (SELECT 1) || '", "E'"],
  ["   ", "nothing"],
  ["'unclosed", "unclosed"],
  ["a UNION SELECT 1", "UNION"],
  ["exists(1)", "EXISTS"],
])("%s is refused", (text, word) => {
  expect(sqlExpressionProblem(text)).toContain("expected");
  expect(sqlExpressionProblem(text)).toContain(word);
});

test("columns are the words that are neither functions, keywords nor literals", () => {
  expect(
    sqlExpressionColumns(
      `CASE WHEN "A b" > abs(x) AND site = 'y' THEN x ELSE CAST(z AS double) END`,
    ),
  ).toEqual(["A b", "x", "site", "z"]);
});
