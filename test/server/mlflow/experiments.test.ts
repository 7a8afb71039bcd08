import { expect, test } from "vitest";
import { testServer } from "../../support/server.ts";

const { mlflow, send, database } = await testServer();

async function create(name: string): Promise<string> {
  const made = await mlflow("POST", "experiments/create", { name });
  return made.json<{ experiment_id: string }>().experiment_id;
}

test("an experiment is made, read by id and by name, renamed and tagged", async () => {
  const id = await create("trials");
  await mlflow("POST", "experiments/set-experiment-tag", {
    experiment_id: id,
    key: "team",
    value: "a",
  });
  await mlflow("POST", "experiments/update", { experiment_id: id, new_name: "renamed" });
  const { experiment } = (await mlflow("GET", "experiments/get", { experiment_id: id })).json<{
    experiment: Record<string, unknown>;
  }>();
  expect(experiment).toEqual({
    experiment_id: id,
    name: "renamed",
    artifact_location: `mlflow-artifacts:/${id}`,
    lifecycle_stage: "active",
    creation_time: expect.any(Number),
    last_update_time: expect.any(Number),
    tags: [{ key: "team", value: "a" }],
    workspace: "default",
  });
  const byName = await mlflow("GET", "experiments/get-by-name", { experiment_name: "renamed" });
  expect(byName.json()).toEqual({ experiment });
  expect(
    await database.kysely
      .selectFrom("audit_event")
      .select(["action", "actor"])
      .where("object_type", "=", "experiment")
      .execute(),
  ).toEqual([
    { action: "experiment.create", actor: "tester" },
    { action: "experiment.rename", actor: "tester" },
  ]);
});

test.each([
  ["GET", "experiments/get", {}, 400, "Missing value for required parameter 'experiment_id'."],
  ["GET", "experiments/get", { experiment_id: "abc" }, 400, "Invalid experiment ID 'abc'."],
  ["GET", "experiments/get", { experiment_id: "99" }, 404, "No Experiment with id=99 exists"],
  [
    "GET",
    "experiments/get-by-name",
    { experiment_name: "nobody" },
    404,
    "Could not find experiment with name 'nobody'",
  ],
  ["POST", "experiments/create", { name: "" }, 400, "Missing value for required parameter 'name'."],
  [
    "POST",
    "experiments/create",
    { name: 5 },
    400,
    "Invalid value 5 for parameter 'name' supplied:  Hint: Value was of type 'int'.",
  ],
  ["POST", "experiments/create", { name: "x".repeat(501) }, 400, "exceeds the maximum length"],
  ["POST", "experiments/create", { name: "Default" }, 400, "already exists"],
  [
    "POST",
    "experiments/create",
    { name: "loc", artifact_location: "s3://b/p#x" },
    400,
    "artifact location",
  ],
] as const)("%s %s %j is %i: %s", async (method, path, fields, status, phrase) => {
  const reply = await mlflow(method, path, fields);
  expect(reply.status).toBe(status);
  expect(reply.json()["message"]).toContain(phrase);
});

test.each(["of our own", "./of our own/"])(
  "a relative artifact location, %s, is kept as an absolute one, whoever reads it",
  async (artifact_location) => {
    const made = await mlflow("POST", "experiments/create", {
      name: artifact_location,
      artifact_location,
    });
    const { experiment } = (await mlflow("GET", "experiments/get", made.json())).json<{
      experiment: { artifact_location: string };
    }>();
    expect(experiment.artifact_location).toMatch(/^\/.*[^.]\/of our own$/);
  },
);

test("delete hides it and its runs, once; restore brings them back; a deleted name stays taken", async () => {
  const id = await create("passing");
  expect((await mlflow("POST", "experiments/delete", { experiment_id: id })).json()).toEqual({});
  const again = await mlflow("POST", "experiments/delete", { experiment_id: id });
  expect(again.status).toBe(404);
  expect((await mlflow("POST", "experiments/create", { name: "passing" })).json()).toMatchObject({
    error_code: "RESOURCE_ALREADY_EXISTS",
  });
  const tag = { experiment_id: id, key: "k", value: "v" };
  const write = await mlflow("POST", "experiments/set-experiment-tag", tag);
  expect(write.json()["message"]).toContain("must be in the 'active' state");
  expect((await mlflow("POST", "experiments/restore", { experiment_id: id })).status).toBe(200);
  expect((await mlflow("POST", "experiments/set-experiment-tag", tag)).status).toBe(200);
});

test("a body needs MLflow's content type, and text that is no JSON has no fields", async () => {
  const url = "/api/2.0/mlflow/experiments/create";
  expect(
    (await send("POST", url, '{"name":"x"}', { "content-type": "text/plain" })).text,
  ).toContain("Content-Type must be one of ['application/json'].");
  const broken = await send("POST", url, "{", {
    "content-type": "application/json; charset=utf-8",
  });
  expect(broken.text).toContain("Missing value for required parameter 'name'.");
  expect((await send("POST", `${url}/`, { name: "x" })).status).toBe(404);
});

test("a foreign Host, and a write from a foreign Origin, are refused", async () => {
  const url = "/api/2.0/mlflow/experiments/get?experiment_id=0";
  expect((await send("GET", url, undefined, { host: "evil.example" })).status).toBe(403);
  expect((await send("GET", "/health", undefined, { host: "evil.example" })).text).toBe("OK");
  const origin = { origin: "https://evil.example" };
  const write = await send("POST", "/api/2.0/mlflow/experiments/create", { name: "o" }, origin);
  expect([write.status, write.text]).toEqual([403, "Cross-origin request blocked"]);
  const read = await send("GET", url, undefined, origin);
  expect(read.status).toBe(200);
  expect(read.headers["access-control-allow-origin"]).toBeUndefined();
});

test("of renames to one name at once one is done, and the others say that it is taken", async () => {
  const ids = await Promise.all(Array.from({ length: 6 }, (_, i) => create(`racer ${i}`)));
  const replies = await Promise.all(
    ids.map((experiment_id) =>
      mlflow("POST", "experiments/update", { experiment_id, new_name: "winner" }),
    ),
  );
  expect(replies.map(({ status }) => status).sort()).toEqual([200, 400, 400, 400, 400, 400]);
});
