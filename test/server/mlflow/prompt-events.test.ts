import { expect, test } from "vitest";
import { testServer } from "../../support/server.ts";

const { database, mlflow } = await testServer();

const is = (key: string, value: string) => ({ key, value });

test("events of a prompt tell its template, and of its tags those that users gave", async () => {
  await mlflow("POST", "registered-models/create", {
    name: "greeting",
    tags: [is("mlflow.prompt.is_prompt", "true"), is("team", "a")],
  });
  await mlflow("POST", "model-versions/create", {
    name: "greeting",
    source: "prompt-template",
    description: "",
    tags: [
      is("mlflow.prompt.is_prompt", "true"),
      is("mlflow.prompt.text", "Hello {{name}}!"),
      is("_mlflow_prompt_type", "text"),
      is("language", "en"),
    ],
  });
  const key = { name: "greeting", key: "stage" };
  await mlflow("POST", "registered-models/set-tag", { ...key, value: "trial" });
  for (let i = 0; i < 2; i++) await mlflow("DELETE", "registered-models/delete-tag", key);
  await mlflow("POST", "registered-models/create", { name: "model" });
  await mlflow("POST", "registered-models/set-tag", { ...key, name: "model", value: "trial" });
  const events = await database.kysely
    .selectFrom("event")
    .select(["kind", "data"])
    .orderBy("id")
    .execute();
  expect(events).toEqual([
    { kind: "prompt.created", data: { name: "greeting", tags: { team: "a" }, description: null } },
    {
      kind: "prompt_version.created",
      data: {
        name: "greeting",
        version: "1",
        template: "Hello {{name}}!",
        tags: { language: "en" },
        description: null,
      },
    },
    { kind: "prompt_tag.set", data: { ...key, value: "trial" } },
    { kind: "prompt_tag.deleted", data: key },
    { kind: "registered_model.created", data: { name: "model", tags: {}, description: null } },
  ]);
});
