import { expect, test } from "vitest";
import { experimentsGrammar } from "../../src/search/experiments-grammar.ts";
import { parseOrderBy } from "../../src/search/parse-order.ts";
import { runsGrammar } from "../../src/search/runs-grammar.ts";

const runs = (...list: readonly string[]) => parseOrderBy(list, runsGrammar);

test("an identifier and a direction, ascending where none is given", () => {
  expect(
    runs("metrics.m DESC", "params.`a b` asc", "start_time", "attributes.`Run name` desc"),
  ).toEqual([
    { entity: "metric", key: "m", direction: "desc" },
    { entity: "param", key: "a b", direction: "asc" },
    { entity: "attribute", key: "start_time", direction: "asc" },
    { entity: "attribute", key: "run_name", direction: "desc" },
  ]);
  expect(runs()).toEqual([]);
  expect(runs("metrics.desc")).toMatchObject([{ key: "desc", direction: "asc" }]);
});

test.each([
  "",
  " ",
  "metrics.m DOWN",
  "metrics.m DESC DESC",
  "DESC ,",
  "5",
  "m",
  "metrics.a/b",
  "a; b",
])("'%s' is refused", (text) => {
  expect(() => runs(text)).toThrow(/Invalid|expected/);
});

test("a dataset cannot be sorted by", () => {
  expect(() => runs("dataset.name")).toThrow("expected a field that can be sorted by");
});

test("a field twice is refused, in whatever spelling; experiments take the first", () => {
  expect(() => runs("metrics.m", "metric.`m` DESC")).toThrow('got metric "m" twice');
  expect(() => runs("created", "attributes.start_time")).toThrow("twice");
  expect(parseOrderBy(["name", "name DESC"], experimentsGrammar)).toEqual([
    { entity: "attribute", key: "name", direction: "asc" },
  ]);
});
