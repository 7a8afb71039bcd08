import { expect, test } from "vitest";
import { testServer } from "../../support/server.ts";

const { mlflow, database } = await testServer();

const create = (fields: Record<string, unknown>) =>
  mlflow("POST", "registered-models/create", fields);
const get = async (name: string) => {
  const reply = await mlflow("GET", "registered-models/get", { name });
  return reply.json<{ registered_model: Record<string, unknown> }>().registered_model;
};

test("a model is made, read, described, tagged, renamed and deleted", async () => {
  const made = await create({
    name: "risk",
    description: "of falling",
    tags: [
      { key: "team", value: "b" },
      { key: "team", value: "a" },
    ],
  });
  expect(made.json()).toEqual({
    registered_model: {
      name: "risk",
      creation_timestamp: expect.any(Number),
      last_updated_timestamp: expect.any(Number),
      description: "of falling",
      tags: [{ key: "team", value: "a" }],
    },
  });
  expect({ registered_model: await get("risk") }).toEqual(made.json());

  await mlflow("POST", "registered-models/set-tag", { name: "risk", key: "b", value: "1" });
  await mlflow("DELETE", "registered-models/delete-tag", { name: "risk", key: "team" });
  const again = await mlflow("DELETE", "registered-models/delete-tag", {
    name: "risk",
    key: "team",
  });
  expect([again.status, again.text]).toEqual([200, "{}"]);
  const cleared = await mlflow("PATCH", "registered-models/update", { name: "risk" });
  expect(cleared.json<{ registered_model: object }>().registered_model).not.toHaveProperty(
    "description",
  );
  const renamed = await mlflow("POST", "registered-models/rename", {
    name: "risk",
    new_name: "falls",
  });
  expect(renamed.json()).toMatchObject({
    registered_model: { name: "falls", tags: [{ key: "b", value: "1" }] },
  });
  expect((await mlflow("GET", "registered-models/get", { name: "risk" })).status).toBe(404);

  expect((await mlflow("DELETE", "registered-models/delete", { name: "falls" })).text).toBe("{}");
  const gone = await mlflow("GET", "registered-models/get", { name: "falls" });
  expect(gone.json()).toMatchObject({
    error_code: "RESOURCE_DOES_NOT_EXIST",
    message: "Registered Model with name=falls not found",
  });

  const { kysely } = database;
  const audited = await kysely
    .selectFrom("audit_event")
    .select(["action", "object_id", "actor"])
    .where("object_type", "=", "registered_model")
    .orderBy("id")
    .execute();
  expect(audited).toEqual(
    [
      ["create", "risk"],
      ["set_tag", "risk"],
      ["delete_tag", "risk"],
      ["update", "risk"],
      ["rename", "falls"],
      ["delete", "falls"],
    ].map(([action, object_id]) => ({
      action: `registered_model.${action}`,
      object_id,
      actor: "tester",
    })),
  );
  const events = await kysely
    .selectFrom("event")
    .select(["topic", "kind", "data"])
    .orderBy("id")
    .execute();
  expect(events).toEqual([
    {
      topic: "models",
      kind: "registered_model.created",
      data: { name: "risk", tags: { team: "a" }, description: "of falling" },
    },
    {
      topic: "models",
      kind: "registered_model.renamed",
      data: { name: "falls", previous_name: "risk" },
    },
    { topic: "models", kind: "registered_model.deleted", data: { name: "falls" } },
  ]);
});

const key250 = "k".repeat(250);

test("every limit holds at its edge", async () => {
  for (const name of ["n".repeat(500), "with blank", "…", "a.b", ".hidden", "a%2Fb"]) {
    expect((await create({ name })).status).toBe(200);
    expect((await get(name))["name"]).toBe(name);
  }
  const tag = { name: "a.b", key: key250, value: "😀".repeat(100_000) };
  expect((await mlflow("POST", "registered-models/set-tag", tag)).text).toBe("{}");
  expect((await get("a.b"))["tags"]).toEqual([{ key: key250, value: tag.value }]);
  const empty = await mlflow("POST", "registered-models/set-tag", { name: "a.b", key: "none" });
  expect(empty.status).toBe(200);
});

test.each([
  ["POST", "create", { name: "" }, "Missing value for required parameter 'name'."],
  ["POST", "create", { name: 7 }, "Invalid value 7 for parameter 'name' supplied:"],
  ["POST", "create", { name: "  " }, "cannot be empty"],
  ["POST", "create", { name: "a/b" }, "Invalid name"],
  ["POST", "create", { name: "a:b" }, "Invalid name"],
  ["POST", "create", { name: ".." }, "Invalid name"],
  ["POST", "create", { name: "nul\0" }, "Invalid value"],
  ["POST", "create", { name: "n".repeat(501) }, "exceeds the maximum length of 500 characters"],
  ["POST", "create", { name: "x", description: "nul\0" }, "Invalid value"],
  ["POST", "create", { name: "x", tags: [{ value: "v" }] }, "'tags[0].key'"],
  ["POST", "create", { name: "x", tags: "t" }, "for parameter 'tags'"],
  ["POST", "create", { name: "x", tags: [{ key: "../k", value: "v" }] }, "must not resolve"],
  ["POST", "set-tag", { name: "x", key: `${key250}k`, value: "" }, "maximum length of 250"],
  ["POST", "set-tag", { name: "x", key: "k", value: "v".repeat(100_001) }, "length of 100000"],
  ["POST", "set-tag", { name: "x", key: "k?", value: "v" }, "Names may only contain"],
  ["POST", "rename", { name: "x", new_name: "a/b" }, "Invalid name"],
  ["POST", "rename", { name: "x" }, "Missing value for required parameter 'new_name'."],
  ["GET", "get", { name: "nul\0" }, "Invalid value"],
] as const)("%s %s %j is 400: %s", async (method, path, fields, phrase) => {
  const reply = await mlflow(method, `registered-models/${path}`, fields);
  expect(reply.json()["message"]).toContain(phrase);
  expect([reply.status, reply.json()["error_code"]]).toEqual([400, "INVALID_PARAMETER_VALUE"]);
});

test.each([
  ["POST", "rename", { name: "nobody", new_name: "somebody" }],
  ["PATCH", "update", { name: "nobody", description: "d" }],
  ["DELETE", "delete", { name: "nobody" }],
  ["GET", "get", { name: "nobody" }],
  ["POST", "set-tag", { name: "nobody", key: "k", value: "v" }],
  ["DELETE", "delete-tag", { name: "nobody", key: "k" }],
] as const)("%s %s of a model that is not there is 404", async (method, path, fields) => {
  const reply = await mlflow(method, `registered-models/${path}`, fields);
  expect(reply.json()).toMatchObject({
    error_code: "RESOURCE_DOES_NOT_EXIST",
    message: "Registered Model with name=nobody not found",
  });
  expect(reply.status).toBe(404);
});

test("a name is taken once, also by two at the same time, and by a prompt", async () => {
  const both = await Promise.all([create({ name: "twice" }), create({ name: "twice" })]);
  expect(both.map(({ status }) => status).sort()).toEqual([200, 400]);
  const refused = both.find(({ status }) => status === 400)!;
  expect(refused.json()).toMatchObject({
    error_code: "RESOURCE_ALREADY_EXISTS",
    message: "Registered Model (name=twice) already exists.",
  });
  const prompt = { key: "mlflow.prompt.is_prompt", value: "true" };
  expect((await create({ name: "greeting", tags: [prompt] })).status).toBe(200);
  const asModel = await create({ name: "greeting" });
  expect(asModel.json()["message"]).toContain("taken by a registered prompt");
  const asPrompt = await create({ name: "twice", tags: [prompt] });
  expect(asPrompt.json()["message"]).toContain("taken by a registered model");
  const renamed = await mlflow("POST", "registered-models/rename", {
    name: "greeting",
    new_name: "twice",
  });
  expect(renamed.json()["error_code"]).toBe("RESOURCE_ALREADY_EXISTS");
  const kinds = await database.kysely
    .selectFrom("event")
    .select("kind")
    .where("kind", "like", "prompt%")
    .execute();
  expect(kinds).toEqual([{ kind: "prompt.created" }]);
});
