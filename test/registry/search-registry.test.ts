import { beforeAll, expect, test } from "vitest";
import { searchModels } from "../../src/registry/search-models-queries.ts";
import { searchVersions } from "../../src/registry/search-versions-queries.ts";
import { testDatabase } from "../support/database.ts";

const AT = Date.parse("2026-11-25T10:00:00Z");
const db = (await testDatabase()).kysely;
const uuid = (n: number) => `00000000-0000-7000-8000-${String(n).padStart(12, "0")}`;

beforeAll(async () => {
  const models = ["iris", "Wine", "greet", "boston"];
  await db
    .insertInto("model_registry")
    .values(
      models.map((name, i) => ({
        id: uuid(i),
        name,
        description: i === 0 ? "flowers" : null,
        created_at: new Date(AT),
        updated_at: new Date(AT + (i % 3)),
      })),
    )
    .execute();
  const modelTag = (model: number, key: string, value: string) => ({
    model_id: uuid(model),
    key,
    value,
  });
  await db
    .insertInto("registered_model_tags")
    .values([
      modelTag(0, "team", "Red"),
      modelTag(0, "tier", "1"),
      modelTag(1, "team", "blue"),
      modelTag(1, "mlflow.prompt.is_prompt", "false"),
      modelTag(2, "mlflow.prompt.is_prompt", "true"),
    ])
    .execute();
  const version = (
    n: number,
    model: number,
    number: number,
    status: string,
    runId: string | null,
  ) => ({
    id: uuid(100 + n),
    model_id: uuid(model),
    version: number,
    mlflow_run_id: runId,
    uri: `file:/${n}`,
    source: `runs:/${runId}/model_${n}`,
    artifact_checksums: "{}",
    status,
    created_at: new Date(AT + n),
    created_by: "ann",
    updated_at: new Date(AT + 10 - (n % 4)),
  });
  await db
    .insertInto("model_version_detail")
    .values([
      version(0, 0, 1, "archived", "run1"),
      version(1, 0, 2, "production", "run2"),
      version(2, 0, 3, "draft", null),
      version(3, 0, 4, "draft", "run2"),
      version(4, 0, 5, "deleted", "run2"),
      version(5, 1, 1, "staging", "run1"),
      version(6, 2, 1, "draft", null),
    ])
    .execute();
  const versionTag = (n: number, key: string, value: string) => ({
    version_id: uuid(100 + n),
    key,
    value,
  });
  await db
    .insertInto("model_version_tags")
    .values([
      versionTag(1, "status", "Good"),
      versionTag(1, "a", "1"),
      versionTag(3, "status", "bad"),
      versionTag(6, "mlflow.prompt.is_prompt", "true"),
    ])
    .execute();
  await db
    .insertInto("registered_model_aliases")
    .values([
      { model_id: uuid(0), alias: "champion", version: 2 },
      { model_id: uuid(0), alias: "best", version: 2 },
      { model_id: uuid(0), alias: "next", version: 4 },
    ])
    .execute();
});

type Asked = Readonly<{
  filter?: string;
  orderBy?: readonly string[];
  maxResults?: number;
  pageToken?: string | undefined;
}>;
const defaults = { filter: "", orderBy: [], maxResults: 100, pageToken: undefined };

async function models(asked: Asked) {
  return (await searchModels(db, { ...defaults, ...asked })).rows.map(({ name }) => name);
}

async function versions(asked: Asked) {
  const { rows } = await searchVersions(db, { ...defaults, ...asked });
  return rows.map(({ name, version }) => `${name}/${version}`);
}

const NO_PROMPT = "tag.`mlflow.prompt.is_prompt` != 'true'";

test.each([
  ["", ["Wine", "boston", "iris"]],
  ["name = 'iris'", ["iris"]],
  ["name != 'iris'", ["Wine", "boston"]],
  ["name LIKE 'w%'", []],
  ["attribute.name ILIKE 'w%'", ["Wine"]],
  ["name IN ('iris', 'greet', 'x')", ["iris"]],
  ["tags.team = 'Red'", ["iris"]],
  ["tags.team != 'Red'", ["Wine"]],
  ["tag.team ILIKE 'RED' AND tags.tier = '1'", ["iris"]],
  ["tags.team LIKE 'R%' AND tags.team != 'Red'", []],
  [NO_PROMPT, ["Wine", "boston", "iris"]],
  [`${NO_PROMPT} AND name = 'greet'`, []],
  ["tags.`mlflow.prompt.is_prompt` = 'true'", ["greet"]],
  ["tags.`mlflow.prompt.is_prompt` != 'false'", ["greet"]],
  ["tags.`mlflow.prompt.is_prompt` ILIKE '%E'", ["Wine", "greet"]],
])("models: %s", async (filter, expected) => {
  expect(await models({ filter })).toEqual(expected);
});

test("models: orders, with the name as the last", async () => {
  expect(await models({ orderBy: ["name DESC"] })).toEqual(["iris", "boston", "Wine"]);
  expect(await models({ orderBy: ["timestamp DESC"] })).toEqual(["Wine", "boston", "iris"]);
  expect(await models({ orderBy: ["last_updated_timestamp"] })).toEqual(["boston", "iris", "Wine"]);
});

test.each([
  "description = 'x'",
  "attributes.name = 'x'",
  "tags.t IS NULL",
  "tags.team NOT IN ('a')",
  "name > 'a'",
  "tags.t IN ('a')",
  "timestamp > 5",
])("models: %s is refused", async (filter) => {
  await expect(models({ filter })).rejects.toMatchObject({ code: "BAD_INPUT" });
});

test.each([
  [["tags.team"]],
  [["timestamp", "last_updated_timestamp DESC"]],
  [["name", "name"]],
  [["creation_timestamp"]],
])("models: an order by %s is refused", async (orderBy) => {
  await expect(models({ orderBy })).rejects.toMatchObject({ code: "BAD_INPUT" });
});

test("a model comes with tags, aliases and the newest version of each status", async () => {
  const { rows } = await searchModels(db, { ...defaults, filter: "name = 'iris'" });
  expect(rows).toMatchObject([
    {
      name: "iris",
      description: "flowers",
      createdAt: new Date(AT),
      tags: [
        { key: "team", value: "Red" },
        { key: "tier", value: "1" },
      ],
      aliases: [
        { alias: "best", version: 2 },
        { alias: "champion", version: 2 },
        { alias: "next", version: 4 },
      ],
      latestVersions: [
        { version: 1, status: "archived", aliases: [] },
        { version: 2, status: "production", aliases: ["best", "champion"] },
        { version: 4, status: "draft", aliases: ["next"] },
      ],
    },
  ]);
});

test.each([
  ["", ["iris/1", "Wine/1", "iris/2", "iris/3", "iris/4"]],
  ["name = 'iris'", ["iris/1", "iris/2", "iris/3", "iris/4"]],
  ["name != 'iris'", ["Wine/1"]],
  ["name IN ('Wine', 'greet')", ["Wine/1"]],
  ["name ILIKE 'WI%'", ["Wine/1"]],
  ["version_number = 1", ["iris/1", "Wine/1"]],
  ["version_number = '1'", ["iris/1", "Wine/1"]],
  ["version_number >= 3 AND version_number < 4", ["iris/3"]],
  ["version_number != 1", ["iris/2", "iris/3", "iris/4"]],
  ["run_id = 'run2'", ["iris/2", "iris/4"]],
  ["run_id != 'run2'", ["iris/1", "Wine/1", "iris/3"]],
  ["run_id IN ('run1')", ["iris/1", "Wine/1"]],
  ["attribute.run_id LIKE 'run_'", ["iris/1", "Wine/1", "iris/2", "iris/4"]],
  ["source_path LIKE '%/model_5'", ["Wine/1"]],
  ["tags.status = 'Good'", ["iris/2"]],
  ["tags.status != 'Good'", ["iris/4"]],
  ["tags.status ILIKE 'GOOD' AND tags.a = '1'", ["iris/2"]],
  [NO_PROMPT, ["iris/1", "Wine/1", "iris/2", "iris/3", "iris/4"]],
  ["tags.`mlflow.prompt.is_prompt` = 'true'", ["greet/1"]],
])("versions: %s", async (filter, expected) => {
  expect(await versions({ filter })).toEqual(expected);
});

test("versions: orders, and what is refused", async () => {
  expect(await versions({ orderBy: ["version_number DESC"] })).toEqual([
    ...["iris/4", "iris/3", "iris/2", "Wine/1", "iris/1"],
  ]);
  expect(await versions({ orderBy: ["name", "creation_timestamp DESC"] })).toEqual([
    ...["Wine/1", "iris/4", "iris/3", "iris/2", "iris/1"],
  ]);
  for (const filter of [
    "version_number = 'x'",
    "version_number = 1.5",
    "source_path NOT IN ('a')",
  ]) {
    await expect(versions({ filter }), filter).rejects.toMatchObject({ code: "BAD_INPUT" });
  }
  for (const orderBy of [["run_id"], ["tags.status"], ["name", "name DESC"]]) {
    await expect(versions({ orderBy })).rejects.toMatchObject({ code: "BAD_INPUT" });
  }
});

test("a version comes with its tags and aliases", async () => {
  const { rows } = await searchVersions(db, { ...defaults, filter: "run_id = 'run2'" });
  expect(rows[0]).toEqual({
    name: "iris",
    version: 2,
    status: "production",
    description: null,
    source: "runs:/run2/model_1",
    runId: "run2",
    runLink: null,
    loggedModelId: null,
    createdAt: new Date(AT + 1),
    updatedAt: new Date(AT + 9),
    createdBy: "ann",
    tags: [
      { key: "a", value: "1" },
      { key: "status", value: "Good" },
    ],
    aliases: ["best", "champion"],
  });
});

test("pages of both, and a token of one is none of the other", async () => {
  for (const [list, search] of [
    [models, searchModels],
    [versions, searchVersions],
  ] as const) {
    for (const orderBy of [[], ["last_updated_timestamp"], ["name DESC"]]) {
      const all = await list({ orderBy });
      let count = 0;
      let pageToken: string | undefined;
      do {
        const page = await search(db, { ...defaults, orderBy, maxResults: 2, pageToken });
        expect(page.rows.map(({ name }) => name)).toEqual(
          all.slice(count, count + 2).map((each) => each.split("/")[0]),
        );
        count += page.rows.length;
        pageToken = page.nextPageToken ?? undefined;
      } while (pageToken !== undefined);
      expect(count).toBe(all.length);
    }
  }
  const { nextPageToken } = await searchModels(db, { ...defaults, maxResults: 1 });
  const other = { ...defaults, pageToken: nextPageToken! };
  await expect(searchVersions(db, other)).rejects.toThrow("Invalid page token");
  await expect(searchModels(db, { ...defaults, maxResults: 1001 })).rejects.toThrow("at most 1000");
});
