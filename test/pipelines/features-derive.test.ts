import { join } from "node:path";
import { expect, test } from "vitest";
import { realEffects } from "../../src/core/effects.ts";
import { runFeatures } from "../../src/pipelines/features-stage.ts";
import type { Project } from "../../src/pipelines/project.ts";
import { openEngine } from "../../src/table/engine.ts";
import { lit, type Sql, sql } from "../../src/table/sql.ts";
import { makeProject } from "./features-project.ts";

const FLIGHTS = sql`SELECT TIMESTAMP '2001-01-01 06:00:00' + to_hours((r * 5)::INTEGER) AS date,
  (hash(r) % 60)::BIGINT AS delay, (hash(r + 1) % 3000)::BIGINT AS distance,
  ['A', 'B', 'C'][1 + (r % 3)::INTEGER] AS site, 'P' || r::VARCHAR AS passenger
  FROM range(600) t(r) ORDER BY r`;

const DERIVED = {
  target: "late",
  subject: "day",
  derive: { late: "delay > 15", day: "date_trunc('day', date)" },
  transforms: [{ numeric: "distance" }, { datetime: "date", parts: ["hour"] }],
};

const flights = (
  features: Readonly<Record<string, unknown>>,
  more: Readonly<Record<string, unknown>> = {},
) => makeProject({ features: { ...DERIVED, ...features }, ...more }, { flights: FLIGHTS });

async function read(project: Project, name: string, query: (table: Sql) => Sql) {
  const engine = await openEngine({ threads: 1 });
  try {
    const raw = sql`read_parquet(${lit(join(project.root, "data/raw/flights.parquet"))}, file_row_number = true)`;
    const made = sql`read_parquet(${lit(join(project.root, `data/processed/${name}.parquet`))})`;
    return await engine.rows(
      query(sql`(SELECT * FROM ${raw} r JOIN ${made} m ON r.file_row_number = m.row_id)`),
    );
  } finally {
    engine.close();
  }
}

test("a derived target and subject: labels are the expression, all rows of a day in one split", async () => {
  const project = await flights({});
  const { record, view } = await runFeatures(project, realEffects);
  expect(record.target).toMatchObject({ column: "late", type: "bool" });
  expect(view.columns.map(({ name }) => name)).toEqual(["distance", "date"]);
  const wrong = (table: Sql) => sql`SELECT count(*) AS n FROM ${table} WHERE late <> (delay > 15)`;
  expect(await read(project, "labels", wrong)).toEqual([{ n: 0 }]);
  const torn = (table: Sql) =>
    sql`SELECT count(*) AS n FROM (SELECT 1 FROM ${table} GROUP BY date::DATE HAVING count(DISTINCT split) > 1)`;
  expect(await read(project, "split", torn)).toEqual([{ n: 0 }]);
});

test("auto takes neither what is derived nor what the target is derived from", async () => {
  const { record } = await runFeatures(
    await flights({ transforms: [{ auto: true, except: ["passenger"] }] }),
    realEffects,
  );
  const names = record.view.feature_list.map((name) => name.replace(/=.*/, ""));
  expect(new Set(names)).toEqual(new Set(["distance", "site"]));
});

test.each([
  [
    "delay, which is the answer",
    { transforms: [{ numeric: "delay" }] },
    "TARGET_INVALID",
    /the answer/,
  ],
  ["late itself", { transforms: [{ boolean: "late" }] }, "TARGET_INVALID", /the answer/],
  [
    "a derived feature",
    { transforms: [{ categorical: "day" }] },
    "BAD_INPUT",
    /a row to score does not have/,
  ],
  [
    "the name of a column",
    { derive: { late: "delay > 15", day: "1", site: "1" } },
    "BAD_INPUT",
    /features\.derive\.site: expected a new name/,
  ],
  [
    "an unknown column",
    { derive: { late: "dealy > 15", day: "1" } },
    "COLUMN_NOT_FOUND",
    /did you mean "delay"/,
  ],
  [
    "grammar",
    { derive: { late: "delay > > 15", day: "1" } },
    "BAD_INPUT",
    /features\.derive\.late/,
  ],
  ["types", { derive: { late: "site + 15 > 3", day: "1" } }, "BAD_INPUT", /features\.derive/],
] as const)("%s is refused", async (_, features, code, message) => {
  const run = flights(features).then((project) => runFeatures(project, realEffects));
  await expect(run).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
});

const BY_SITE = { method: "values", column: "site", assign: { train: ["A", "B"], test: ["C"] } };
const OWN = { subject: "passenger" };

test("a split by values: the test split is the sites named, validation a share of train", async () => {
  const project = await flights(OWN, { split: BY_SITE });
  const { record } = await runFeatures(project, realEffects);
  const counts = (table: Sql) =>
    sql`SELECT split, site, count(*)::INTEGER AS n FROM ${table} GROUP BY ALL`;
  const rows = await read(project, "split", counts);
  expect(new Set(rows.filter(({ split }) => split === "test").map(({ site }) => site))).toEqual(
    new Set(["C"]),
  );
  expect(rows.some(({ split, site }) => split !== "test" && site === "C")).toBe(false);
  expect(record.rows.by_split.test).toBe(200);
  // 0.15 of 0.85 of 400 rows, whose subjects are hashed: 71 give or take three standard deviations
  expect(Math.abs(record.rows.by_split.validation - 400 * (0.15 / 0.85))).toBeLessThan(23);
});

test("a split by values of a number, validation assigned too", async () => {
  const assign = { train: [6, 11], validation: [16], test: [1, 21] };
  const derive = { ...DERIVED.derive, hour: "hour(date) - hour(date) % 5 + 1" };
  const split = { method: "values", column: "hour", assign };
  const project = await flights({ ...OWN, derive }, { split });
  const { record } = await runFeatures(project, realEffects);
  const { train, validation, test: tested } = record.rows.by_split;
  expect(train + validation + tested).toBe(600);
  expect(validation).toBeGreaterThan(0);
});

test.each([
  [
    "a value in no split",
    { assign: { train: ["A"], test: ["C"] } },
    OWN,
    /got "B" in none \(200 rows\)/,
  ],
  ["a subject in two splits", {}, { subject: "day" }, /got \d+ subjects in several/],
] as const)("%s is refused", async (_, split, features, message) => {
  const project = await flights(features, { split: { ...BY_SITE, ...split } });
  await expect(runFeatures(project, realEffects)).rejects.toMatchObject({
    code: "BAD_INPUT",
    message: expect.stringMatching(message),
  });
});
