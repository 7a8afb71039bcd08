import { expect, test } from "vitest";
import { testServer } from "../../support/server.ts";

const { mlflow, database } = await testServer();
await mlflow("POST", "registered-models/create", { name: "m" });
for (let i = 0; i < 2; i += 1) {
  await mlflow("POST", "model-versions/create", { name: "m", source: "s3://b" });
}

const set = (alias: string, version: unknown = "1", name = "m") =>
  mlflow("POST", "registered-models/alias", { name, alias, version });
const get = (alias: string, name = "m") =>
  mlflow("GET", "registered-models/alias", { name, alias });
const drop = (alias: string, name = "m") =>
  mlflow("DELETE", "registered-models/alias", { name, alias });

test("an alias points at a version, moves, and goes", async () => {
  expect((await set("champion")).text).toBe("{}");
  expect((await set("challenger")).status).toBe(200);
  expect((await get("champion")).json()).toMatchObject({
    model_version: { name: "m", version: "1", aliases: ["challenger", "champion"] },
  });
  await set("champion", "2");
  expect((await get("champion")).json()).toMatchObject({ model_version: { version: "2" } });
  expect((await drop("champion")).text).toBe("{}");
  expect((await drop("champion")).text).toBe("{}");
  const gone = await get("champion");
  expect([gone.status, gone.json()]).toMatchObject([
    400,
    {
      error_code: "INVALID_PARAMETER_VALUE",
      message: "Registered model alias champion not found.",
    },
  ]);
  const told = await database.kysely
    .selectFrom("event")
    .select(["kind", "data"])
    .where("kind", "like", "model_version_alias.%")
    .orderBy("id")
    .execute();
  expect(told).toEqual([
    { kind: "model_version_alias.created", data: { name: "m", alias: "champion", version: "1" } },
    { kind: "model_version_alias.created", data: { name: "m", alias: "challenger", version: "1" } },
    { kind: "model_version_alias.created", data: { name: "m", alias: "champion", version: "2" } },
    { kind: "model_version_alias.deleted", data: { name: "m", alias: "champion" } },
  ]);
});

test("latest is the highest version, in any case, and cannot be set", async () => {
  expect((await get("latest")).json()).toMatchObject({ model_version: { version: "2" } });
  expect((await get("LATEST")).status).toBe(200);
  await mlflow("POST", "registered-models/create", { name: "empty" });
  const none = await get("latest", "empty");
  expect([none.status, none.json()["message"]]).toEqual([
    404,
    "Latest version not found for model empty.",
  ]);
  for (const alias of ["latest", "Latest", "v1", "V02"]) {
    const reply = await set(alias);
    expect([reply.status, reply.json()["message"]]).toEqual([
      400,
      expect.stringContaining("reserved"),
    ]);
  }
});

test("an alias is letters, digits, underscores and dashes, up to 255", async () => {
  for (const alias of ["v", "v1a", "größe_1-x", "x".repeat(255)]) {
    expect([alias, (await set(alias)).status]).toEqual([alias, 200]);
  }
  for (const alias of ["a b", "a.b", "a/b", "nul\0", "x".repeat(256)]) {
    expect([alias, (await set(alias)).status]).toEqual([alias, 400]);
  }
});

test("what is not there", async () => {
  expect((await set("a", "9")).json()).toMatchObject({
    error_code: "RESOURCE_DOES_NOT_EXIST",
    message: "Model Version (name=m, version=9) not found",
  });
  expect((await set("a", "x")).status).toBe(400);
  expect((await set("a", 1)).status).toBe(400);
  expect((await set("a", "1", "nobody")).status).toBe(404);
  expect((await drop("a", "nobody")).status).toBe(404);
  expect((await get("a", "nobody")).status).toBe(404);
});
