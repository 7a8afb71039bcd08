import fc from "fast-check";
import { expect, test } from "vitest";
import { filter } from "../../src/client/filter.ts";
import { orderBy, toOrderTexts } from "../../src/client/order-by.ts";
import { TrackingError } from "../../src/client/tracking-error.ts";
import { loggedModelsGrammar } from "../../src/search/logged-models-grammar.ts";
import { modelVersionsGrammar } from "../../src/search/model-versions-grammar.ts";
import { parseFilter } from "../../src/search/parse-filter.ts";
import { parseOrderBy } from "../../src/search/parse-order.ts";
import { runsGrammar } from "../../src/search/runs-grammar.ts";

test("conditions are written in MLflow's language", () => {
  const since = new Date("2026-01-01T00:00:00Z");
  const built = filter
    .metric("val/auc")
    .gt(0.9)
    .and(filter.param("model").eq("gbm"))
    .and(filter.run("startTime").gte(since))
    .and(filter.tag("note").isNotNull())
    .and(filter.dataset("name").in(["a", "it's"]));
  expect(built.toString()).toBe(
    "metrics.`val/auc` > 0.9 AND params.`model` = 'gbm' AND start_time >= 1767225600000 AND " +
      "tags.`note` IS NOT NULL AND datasets.name IN ('a', \"it's\")",
  );
});

test.each([
  ["both kinds of quotes", () => filter.param("a").eq(`'"`)],
  ["a backslash before the closing quote", () => filter.param("a").eq("C:\\")],
  ["a backslash in a list", () => filter.run("runId").in(["a\\b"])],
  ["an empty list", () => filter.run("runId").in([])],
  ["NaN", () => filter.metric("a").eq(Number.NaN)],
  ["infinity", () => filter.metric("a").lt(Number.POSITIVE_INFINITY)],
  ["an invalid date", () => filter.run("endTime").lt(new Date(Number.NaN))],
  ["a backtick in a key", () => filter.tag("a`b")],
  ["an empty key", () => orderBy.metric("")],
  ["NUL", () => filter.tag("a").eq("\0")],
])("%s is refused", (_, build) => {
  expect(build).toThrow(TrackingError);
});

/** Texts with what matters in them, often. */
const text = fc.array(
  fc.oneof(fc.constantFrom("'", '"', "\\", "`", " ", "AND", "=", "(", "%", "é"), fc.string()),
  { maxLength: 5 },
);

test("what is built is read back as what was meant, or is refused", () => {
  let accepted = 0;
  fc.assert(
    fc.property(text, text, fc.double({ noNaN: true }), (keyParts, valueParts, number) => {
      const [key, value] = [keyParts.join(""), valueParts.join("")];
      let built: string;
      try {
        built = filter
          .param(key)
          .eq(value)
          .and(filter.metric(key).lte(number))
          .and(filter.run("runId").notIn([value, "x"]))
          .toString();
      } catch (error) {
        expect(error).toBeInstanceOf(TrackingError);
        return;
      }
      accepted += 1;
      expect(parseFilter(built, runsGrammar)).toEqual([
        { entity: "param", key, op: "=", value },
        { entity: "metric", key, op: "<=", value: Object.is(number, -0) ? 0 : number },
        { entity: "attribute", key: "run_id", op: "NOT IN", value: [value, "x"] },
      ]);
    }),
    { numRuns: 2000 },
  );
  expect(accepted).toBeGreaterThan(200);
});

test("orders and other searches use the names of the wire", () => {
  const orders = [orderBy.metric("a b").desc(), orderBy.run("startTime").asc()];
  expect(toOrderTexts(orders)).toEqual(["metrics.`a b` DESC", "start_time ASC"]);
  expect(parseOrderBy(toOrderTexts(orders), runsGrammar)).toMatchObject([
    { entity: "metric", key: "a b", direction: "desc" },
    { entity: "attribute", key: "start_time", direction: "asc" },
  ]);
  const version = filter.modelVersion("version").gte(3).and(filter.modelVersion("name").eq("m"));
  expect(parseFilter(version.toString(), modelVersionsGrammar)).toHaveLength(2);
  const model = filter
    .loggedModel("modelType")
    .in(["a"])
    .and(filter.tag("t").in(["x"]));
  expect(parseFilter(model.toString(), loggedModelsGrammar)).toHaveLength(2);
});
