import { expect, test } from "vitest";
import { DuetMindError } from "../../src/core/errors.ts";
import { experimentsGrammar } from "../../src/search/experiments-grammar.ts";
import { MAX_CLAUSES, parseFilter } from "../../src/search/parse-filter.ts";
import { runsGrammar } from "../../src/search/runs-grammar.ts";
import { MAX_FILTER_CHARACTERS } from "../../src/search/tokenize.ts";

const runs = (text: string) => parseFilter(text, runsGrammar);

function refusal(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof DuetMindError && error.code === "BAD_INPUT") return error.message;
    throw error;
  }
  throw new Error("expected an error");
}

test("clauses are joined by AND, in any case of letters, and one at either end is passed over", () => {
  const two = [
    { entity: "metric", key: "m", op: ">", value: 0.5 },
    { entity: "param", key: "p", op: "=", value: "a" },
  ];
  expect(runs("metrics.m > 0.5 AND params.p = 'a'")).toEqual(two);
  expect(runs("metric.m>0.5 and parameter.p='a'")).toEqual(two);
  expect(runs(' AND\n metrics.m > .5 And\tparam.p = "a" aNd ')).toEqual(two);
  expect(runs("")).toEqual([]);
});

test.each([
  ["metrics.m = -1", -1],
  ["metrics.m = .5", 0.5],
  ["metrics.m = 1e-3", 0.001],
  ["metrics.m=5", 5],
  ["metrics.m = 5.", 5],
])("%s", (text, value) => {
  expect(runs(text)).toEqual([{ entity: "metric", key: "m", op: "=", value }]);
});

test.each([
  ["'x''y'", "x''y"],
  ["'x\\'y'", "x\\'y"],
  ["'C:\\'", "C:\\"],
  ["'it''s' AND metrics.m = 1", "it''s"],
  ['"a\'b"', "a'b"],
  ["''", ""],
  ["'AND'", "AND"],
  ["'%_\\'", "%_\\"],
])("the value of %s is the text between its quotes", (written, value) => {
  const [clause] = runs(`tags.t = ${written}`);
  expect(clause).toEqual({ entity: "tag", key: "t", op: "=", value });
});

test.each([
  ["metrics.x.y > 1", "x.y"],
  ["metrics.`a/b c` > 1", "a/b c"],
  ['metrics."a/b" > 1', "a/b"],
  ["metrics.'a/b' > 1", "a/b"],
  ["`metrics`.m > 1", "m"],
  ["metrics.and > 1", "and"],
  ["metrics.Verlust_ä > 1", "Verlust_ä"],
])("%s has the key %s", (text, key) => {
  expect(runs(text)).toEqual([{ entity: "metric", key, op: ">", value: 1 }]);
});

test.each([
  ["status = 'FINISHED'", "status"],
  ["attributes.status = 'FINISHED'", "status"],
  ["attr.status = 'FINISHED'", "status"],
  ["run.status = 'FINISHED'", "status"],
  ["run_name = 'x'", "run_name"],
  ["attribute.`run name` = 'x'", "run_name"],
  ["`Run name` = 'x'", "run_name"],
  ["\"Run Name\" = 'x'", "run_name"],
])("%s is about the attribute %s", (text, key) => {
  expect(runs(text)).toMatchObject([{ entity: "attribute", key }]);
});

test("each operator of runs", () => {
  expect(runs("attributes.Created >= 5")).toMatchObject([{ key: "start_time", op: ">=" }]);
  expect(runs("params.p IS NULL AND tags.t is not null")).toEqual([
    { entity: "param", key: "p", op: "IS NULL", value: null },
    { entity: "tag", key: "t", op: "IS NOT NULL", value: null },
  ]);
  expect(runs("run_id IN ('a', \"b\") AND run_id not in ('c',)")).toEqual([
    { entity: "attribute", key: "run_id", op: "IN", value: ["a", "b"] },
    { entity: "attribute", key: "run_id", op: "NOT IN", value: ["c"] },
  ]);
  expect(runs("params.p like 'a%' AND tags.t ILIKE '%A'")).toMatchObject([
    { op: "LIKE", value: "a%" },
    { op: "ILIKE", value: "%A" },
  ]);
  expect(runs("datasets.name IN ('d') AND dataset.context = 'train'")).toMatchObject([
    { entity: "dataset", key: "name", op: "IN", value: ["d"] },
    { entity: "dataset", key: "context" },
  ]);
});

test.each([
  ["   ", "expected an identifier, got the end at position 4"],
  ["AND", "expected an identifier"],
  ["metrics.m == 1", "expected a numeric value"],
  ["metrics.m <> 1", "expected a numeric value"],
  ["metrics.m = +1", 'got "+" at position 13'],
  ["5 = metrics.m", "expected an identifier, got '5' at position 1"],
  ["'a' = params.p", "expected an identifier, got 'a' at position 1"],
  ["metrics.m = 1;", 'got ";" at position 14'],
  ["metrics.m = 1 -- or", 'got "-"'],
  ["metrics.m = 1 /* */", 'got "/"'],
  ["metrics.m = 1 OR metrics.m = 2", "expected AND, got 'OR' at position 15"],
  ["(metrics.m = 1)", "expected an identifier, got '('"],
  ["metrics.m BETWEEN 1 AND 2", "expected a comparator, got 'BETWEEN'"],
  ["metrics.m = 1 AND AND metrics.m = 2", "Invalid attribute key 'AND'"],
  ["metrics.m", "expected a comparator, got the end"],
  ["metrics.m >", "expected a value"],
  ["metrics.m = '1'", "expected a numeric value"],
  ["metrics.m = NaN", "expected a numeric value"],
  ["metrics.m = 1x", "expected a number"],
  ["metrics.m LIKE '1'", "Invalid comparator"],
  ["metrics.m IS NULL", "Invalid comparator"],
  ["metrics. = 1", "expected a key behind the dot"],
  ["metrics.`` = 1", "expected a key behind the dot"],
  ["metrics.a/b = 1", 'got "/" at position 10'],
  ["run name = 'x'", "Invalid attribute key 'run' specified"],
  ["params.p = 5", "expected a quoted string value"],
  ["params.p > 'a'", "Invalid comparator"],
  ["params.p IN ('a')", "Invalid comparator"],
  ["params.p = x", "expected a quoted string value"],
  ["params.p = 'x'y'", "expected a closing '"],
  ["params.p = 'x", "expected a closing '"],
  ["params.p = 'a' 'b'", "expected AND"],
  ["params.p IS 5", "expected NULL behind IS"],
  ["params.p NOT LIKE 'a'", "expected IN behind NOT"],
  ["status IN ('RUNNING')", "Invalid comparator"],
  ["run_id IN ()", "expected a quoted string value"],
  ["run_id IN 'a'", "expected a list in parentheses"],
  ["run_id IN ('a' 'b')", "expected , or )"],
  ["run_id IN ('a'", "expected , or )"],
  ["run_id IN (5)", "expected a quoted string value"],
  ["start_time = 'x'", "expected a numeric value"],
  ["start_time IS NULL", "Invalid comparator"],
  ["Status = 'x'", "Invalid attribute key 'Status'"],
  ["Metrics.m = 1", "Invalid entity type 'Metrics'"],
  ["constructor = 'x'", "Invalid attribute key 'constructor'"],
  ["attributes.__proto__ = 'x'", "Invalid attribute key '__proto__'"],
  ["params.p = 'a\0'", "expected text without NUL"],
])("%s is refused", (text, phrase) => {
  expect(refusal(() => runs(text))).toContain(phrase);
});

test("experiments: an id with and without quotes, times as integers", () => {
  const experiments = (text: string) => parseFilter(text, experimentsGrammar);
  expect(experiments("experiment_id = '12' AND experiment_id IN (1, '2')")).toEqual([
    { entity: "attribute", key: "experiment_id", op: "=", value: 12 },
    { entity: "attribute", key: "experiment_id", op: "IN", value: [1, 2] },
  ]);
  expect(experiments("creation_time >= 5 AND name ILIKE 'a%' AND tag.t IS NULL")).toHaveLength(3);
  for (const wrong of [
    "creation_time > 1.5",
    "creation_time > '1'",
    "experiment_id = 'abc'",
    "experiment_id > 1",
    "name IN ('a')",
    "metrics.m > 1",
  ]) {
    expect(() => experiments(wrong), wrong).toThrow(DuetMindError);
  }
});

test("a filter has a longest length and a greatest number of clauses", () => {
  const clauses = (count: number) =>
    Array.from({ length: count }, (_, i) => `metrics.m${i} > 0`).join(" AND ");
  expect(runs(clauses(MAX_CLAUSES))).toHaveLength(MAX_CLAUSES);
  expect(refusal(() => runs(clauses(MAX_CLAUSES + 1)))).toContain(`at most ${MAX_CLAUSES} clauses`);
  const value = "x".repeat(MAX_FILTER_CHARACTERS - "tags.t = ''".length);
  expect(runs(`tags.t = '${value}'`)).toMatchObject([{ value }]);
  expect(refusal(() => runs(`tags.t = '${value}x'`))).toContain("at most 65536 characters");
});
