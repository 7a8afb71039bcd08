import fc from "fast-check";
import {
  DummyDriver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
} from "kysely";
import { expect, test } from "vitest";
import { DuetMindError } from "../../src/core/errors.ts";
import { experimentsGrammar } from "../../src/search/experiments-grammar.ts";
import type { Grammar } from "../../src/search/grammar.ts";
import { loggedModelsGrammar } from "../../src/search/logged-models-grammar.ts";
import { modelVersionsGrammar } from "../../src/search/model-versions-grammar.ts";
import { parseFilter } from "../../src/search/parse-filter.ts";
import { parseOrderBy } from "../../src/search/parse-order.ts";
import { registeredModelsGrammar } from "../../src/search/registered-models-grammar.ts";
import { runsGrammar } from "../../src/search/runs-grammar.ts";
import type { Tables } from "../../src/store/tables.ts";
import { searchExperiments } from "../../src/tracking/search-experiments-queries.ts";
import { searchRuns } from "../../src/tracking/search-runs-queries.ts";
import { clausesOf, nearlyFilter, printFilter } from "./print-filter.ts";

const grammars: readonly Grammar[] = [
  runsGrammar,
  experimentsGrammar,
  registeredModelsGrammar,
  modelVersionsGrammar,
  loggedModelsGrammar,
];

test("what is printed is read back", () => {
  for (const grammar of grammars) {
    fc.assert(
      fc.property(clausesOf(grammar), (clauses) => {
        expect(parseFilter(printFilter(clauses, grammar), grammar)).toEqual(clauses);
      }),
      { numRuns: 250 },
    );
  }
});

test("any text is a filter, or a DuetMindError that says where it is none", () => {
  let filters = 0;
  let refused = 0;
  for (const grammar of grammars) {
    fc.assert(
      fc.property(nearlyFilter(grammar), (text) => {
        try {
          filters += parseFilter(text, grammar).length > 0 ? 1 : 0;
          parseOrderBy([text.split("=")[0]!], grammar);
        } catch (error) {
          expect(error).toBeInstanceOf(DuetMindError);
          refused += 1;
        }
      }),
      { numRuns: 800 },
    );
  }
  expect(Math.min(filters, refused)).toBeGreaterThan(500);
});

test.each([
  ["a quote that never ends", "tags.t = '"],
  ["quotes and backslashes", "\\'"],
  ["doubled quotes", "''"],
  ["digits", "9"],
  ["signs", "-"],
  ["dots", "."],
  ["blanks", " "],
  ["keys", "metrics."],
  ["commas", ","],
])("%s cost time in step with their number", (_, piece) => {
  const text = `tags.t = '${piece.repeat(65_000 / piece.length)}`.slice(0, 65_536);
  const start = performance.now();
  try {
    parseFilter(text, runsGrammar);
  } catch (error) {
    expect(error).toBeInstanceOf(DuetMindError);
  }
  // Quadratic time would be 4 billion steps.
  expect(performance.now() - start).toBeLessThan(1000);
});

/** A database that only writes down what it is asked. */
function scribe() {
  const asked: { sql: string; parameters: readonly unknown[] }[] = [];
  const db = new Kysely<Tables>({
    dialect: {
      createAdapter: () => new PostgresAdapter(),
      createDriver: () => new DummyDriver(),
      createIntrospector: (kysely) => new PostgresIntrospector(kysely),
      createQueryCompiler: () => new PostgresQueryCompiler(),
    },
    log({ query }) {
      asked.push(query);
    },
  });
  return { db, asked };
}

test("what a user writes reaches the database as a parameter, never in the SQL", async () => {
  const evil = `x'); DROP TABLE runs; --`;
  const runs = `params.\`${evil}\` = "${evil}" AND metrics."${evil}" > 7 AND run_id IN ("${evil}")`;
  const page = { view: "ALL", maxResults: 10, pageToken: undefined } as const;
  const { db, asked } = scribe();
  const orderBy = [`metrics.\`${evil}\` DESC`, `tags.\`${evil}\``];
  await searchRuns(db, { ...page, experimentIds: [1], filter: runs, orderBy });
  const experiments = `tags.\`${evil}\` LIKE "${evil}" AND name ILIKE "${evil}"`;
  await searchExperiments(db, { ...page, filter: experiments, orderBy: [] });
  expect(asked.length).toBeGreaterThan(1);
  for (const { sql, parameters } of asked) {
    expect(sql).not.toContain("DROP");
    expect(parameters.flat()).toContain(evil);
  }
});

test("the SQL is the same whatever the keys and values are", async () => {
  const shape = async (key: string, value: string) => {
    const { db, asked } = scribe();
    const filter = `tags.\`${key}\` != "${value}" AND params.\`${key}\` ILIKE "${value}"`;
    const scope = { view: "ACTIVE_ONLY", experimentIds: [1, 2], maxResults: 5 } as const;
    await searchRuns(db, {
      ...scope,
      filter,
      orderBy: [`metrics.\`${key}\``],
      pageToken: undefined,
    });
    return asked.map(({ sql }) => sql);
  };
  const expected = await shape("k", "v");
  const text = fc.string({ minLength: 1 }).filter((each) => !/["`\\\0]/.test(each));
  await fc.assert(
    fc.asyncProperty(text, text, async (key, value) => {
      expect(await shape(key, value)).toEqual(expected);
    }),
    { numRuns: 200 },
  );
});
