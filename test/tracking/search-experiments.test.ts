import { beforeAll, expect, test } from "vitest";
import { ensureExperiment } from "../../src/tracking/experiment-queries.ts";
import {
  type ExperimentSearch,
  searchExperiments,
} from "../../src/tracking/search-experiments-queries.ts";
import { testDatabase } from "../support/database.ts";

const AT = Date.parse("2026-11-25T10:00:00Z");
const db = (await testDatabase()).kysely;
const ids = new Map<string, number>();

beforeAll(async () => {
  await db.deleteFrom("experiments").execute(); // "Default" is there from the start
  for (const [i, name] of ["alpha", "Beta", "gamma", "gone", "alpha_2"].entries()) {
    ids.set(name, await ensureExperiment(db, name, new Date(AT + (i === 4 ? 0 : i))));
  }
  const tag = (name: string, key: string, value: string) => ({
    experiment_id: ids.get(name)!,
    key,
    value,
  });
  await db
    .insertInto("experiment_tags")
    .values([tag("alpha", "team", "Red"), tag("alpha", "b.c", "1"), tag("Beta", "team", "red")])
    .execute();
  const changed = { lifecycle_stage: "deleted", updated_at: new Date(AT + 50) };
  await db.updateTable("experiments").set(changed).where("name", "=", "gone").execute();
});

function search(changes: Partial<ExperimentSearch> = {}) {
  const defaults = { view: "ACTIVE_ONLY", filter: "", orderBy: [], maxResults: 100 } as const;
  return searchExperiments(db, { ...defaults, pageToken: undefined, ...changes });
}

async function names(changes: Partial<ExperimentSearch>): Promise<readonly string[]> {
  return (await search(changes)).rows.map(({ name }) => name);
}

test.each([
  ["name = 'alpha'", ["alpha"]],
  ["name != 'alpha'", ["Beta", "alpha_2", "gamma"]],
  ["name LIKE 'a%'", ["alpha", "alpha_2"]],
  ["name LIKE 'b%'", []],
  ["name ILIKE 'b%'", ["Beta"]],
  ["attribute.name = 'gamma'", ["gamma"]],
  [`creation_time = ${AT}`, ["alpha", "alpha_2"]],
  [`creation_time > ${AT}`, ["Beta", "gamma"]],
  [`creation_time <= ${AT + 1} AND creation_time >= ${AT + 1}`, ["Beta"]],
  [`last_update_time < ${AT + 1}`, ["alpha", "alpha_2"]],
  ["creation_time > 99999999999999999999", []],
  ["tags.team = 'red'", ["Beta"]],
  ["tag.team ILIKE 'RED'", ["Beta", "alpha"]],
  ["tags.team != 'red'", ["alpha"]],
  ["tags.team LIKE 'R%' AND tags.b.c = '1'", ["alpha"]],
  ["tags.team IS NULL", ["alpha_2", "gamma"]],
  ["tags.team IS NOT NULL AND name != 'alpha'", ["Beta"]],
])("%s", async (filter, expected) => {
  expect(await names({ filter, orderBy: ["name"] })).toEqual(expected);
});

test("ids, with and without quotes", async () => {
  const [alpha, beta] = [ids.get("alpha")!, ids.get("Beta")!];
  expect(await names({ filter: `experiment_id = '${alpha}'` })).toEqual(["alpha"]);
  expect(await names({ filter: `experiment_id = ${alpha}` })).toEqual(["alpha"]);
  const listed = `experiment_id IN (${alpha}, '${beta}')`;
  expect(await names({ filter: listed, orderBy: ["name"] })).toEqual(["Beta", "alpha"]);
  expect(await names({ filter: `experiment_id NOT IN ('${alpha}')` })).toHaveLength(3);
  expect(await names({ filter: "experiment_id = 99999999999999999999999" })).toEqual([]);
});

test("the newest first where no order is given; else the last made breaks ties", async () => {
  expect(await names({})).toEqual(["gamma", "Beta", "alpha", "alpha_2"]);
  expect(await names({ orderBy: ["creation_time"] })).toEqual([
    "alpha_2",
    "alpha",
    "Beta",
    "gamma",
  ]);
  expect(await names({ orderBy: ["experiment_id ASC"] })).toEqual([
    "alpha",
    "Beta",
    "gamma",
    "alpha_2",
  ]);
  expect(await names({ orderBy: ["last_update_time DESC"], view: "ALL" })).toEqual([
    ...["gone", "gamma", "Beta", "alpha_2", "alpha"],
  ]);
  expect(await names({ view: "DELETED_ONLY" })).toEqual(["gone"]);
});

test("an experiment comes with its tags, sorted by key", async () => {
  expect((await search({ filter: "name = 'alpha'" })).rows).toEqual([
    {
      id: String(ids.get("alpha")),
      name: "alpha",
      artifactLocation: `mlflow-artifacts:/${ids.get("alpha")}`,
      lifecycleStage: "active",
      createdAt: new Date(AT),
      updatedAt: new Date(AT),
      tags: [
        { key: "b.c", value: "1" },
        { key: "team", value: "Red" },
      ],
    },
  ]);
});

test("pages", async () => {
  for (const orderBy of [[], ["name"], ["creation_time DESC"]]) {
    const all = await names({ orderBy, view: "ALL" });
    const paged: string[] = [];
    let pageToken: string | undefined;
    do {
      const page = await search({ orderBy, view: "ALL", maxResults: 2, pageToken });
      paged.push(...page.rows.map(({ name }) => name));
      pageToken = page.nextPageToken ?? undefined;
    } while (pageToken !== undefined);
    expect(paged).toEqual(all);
  }
  const { nextPageToken } = await search({ maxResults: 1 });
  await expect(search({ pageToken: nextPageToken!, filter: "name = 'a'" })).rejects.toThrow(
    "Invalid page token",
  );
});
