import { expect, test } from "vitest";
import { testServer } from "../../support/server.ts";

const { mlflow } = await testServer();
for (const [name, tags] of [
  ["a", []],
  ["b", [{ key: "team", value: "x" }]],
  ["greeting", [{ key: "mlflow.prompt.is_prompt", value: "true" }]],
] as const) {
  await mlflow("POST", "registered-models/create", { name, tags });
  for (let i = 0; i < 2; i += 1) {
    await mlflow("POST", "model-versions/create", { name, source: `s3://${name}/${i}`, tags });
  }
}
await mlflow("POST", "registered-models/alias", { name: "a", alias: "best", version: "1" });

type Found = Readonly<{
  registered_models?: readonly Readonly<{ name: string; latest_versions: unknown }>[];
  model_versions?: readonly Readonly<{ name: string; version: string }>[];
  next_page_token?: string;
}>;

async function search(what: string, fields: Readonly<Record<string, unknown>> = {}) {
  const reply = await mlflow("GET", `${what}/search`, fields);
  expect(reply.status, reply.text).toBe(200);
  return reply.json<Found>();
}

test("models as every client asks for them: without prompts, by name, with aliases", async () => {
  const filter = "tag.`mlflow.prompt.is_prompt` != 'true'";
  for (const fields of [{}, { filter }]) {
    const { registered_models, next_page_token } = await search("registered-models", fields);
    expect(registered_models?.map(({ name }) => name)).toEqual(["a", "b"]);
    expect(next_page_token).toBeUndefined();
  }
  const one = (await search("registered-models", { filter: "name = 'a'" })).registered_models![0]!;
  const read = await mlflow("GET", "registered-models/get", { name: "a" });
  expect({ registered_model: one }).toEqual(read.json());
  const prompts = await search("registered-models", {
    filter: "tag.`mlflow.prompt.is_prompt` = 'true'",
  });
  expect(prompts.registered_models).toHaveLength(1);
  const none = await mlflow("GET", "registered-models/search", { filter: "name = 'nobody'" });
  expect(none.text).toBe("{}");
});

test("versions of a model with their aliases, and pages until the last has no token", async () => {
  const { model_versions } = await search("model-versions", {
    filter: "name = 'a'",
    order_by: ["version_number ASC"],
  });
  expect(model_versions).toMatchObject([{ version: "1", aliases: ["best"] }, { version: "2" }]);
  const seen: string[] = [];
  let page_token: string | undefined;
  do {
    const page: Found = await search("model-versions", {
      max_results: 1,
      order_by: ["name DESC", "version_number ASC"],
      ...(page_token === undefined ? {} : { page_token }),
    });
    seen.push(...page.model_versions!.map(({ name, version }) => `${name}/${version}`));
    page_token = page.next_page_token;
  } while (page_token !== undefined);
  expect(seen).toEqual(["b/1", "b/2", "a/1", "a/2"]);
});

test.each([
  ["registered-models/search", { max_results: 1001 }, "max_results"],
  ["registered-models/search", { max_results: "x" }, "max_results"],
  ["registered-models/search", { filter: "names = 'a'" }, "names"],
  ["registered-models/search", { page_token: "!" }, "page token"],
  ["model-versions/search", { max_results: 200_001 }, "max_results"],
  ["model-versions/search", { order_by: ["size"] }, "size"],
] as const)("GET %s %j is 400", async (path, fields, phrase) => {
  const reply = await mlflow("GET", path, fields);
  expect([reply.status, reply.json()["message"]]).toEqual([400, expect.stringContaining(phrase)]);
});

test("logged models by params, metrics and experiment, in pages", async () => {
  for (const name of ["x", "y", "z"]) {
    await mlflow("POST", "logged-models", {
      experiment_id: "0",
      name,
      params: [{ key: "depth", value: name === "z" ? "1" : "2" }],
    });
  }
  type Models = Readonly<{
    models?: readonly Readonly<{ info: Readonly<{ name: string }> }>[];
    next_page_token?: string;
  }>;
  const ask = async (fields: Readonly<Record<string, unknown>>) =>
    (await mlflow("POST", "logged-models/search", fields)).json<Models>();
  const query = {
    experiment_ids: ["0"],
    filter: "params.depth = '2'",
    order_by: [{ field_name: "name", ascending: false }],
  };
  const names = ({ models = [] }: Models) => models.map(({ info }) => info.name);
  expect(names(await ask(query))).toEqual(["y", "x"]);
  const first = await ask({ ...query, max_results: 1 });
  const second = await ask({ ...query, max_results: 1, page_token: first.next_page_token });
  expect([names(first), names(second), second.next_page_token]).toEqual([["y"], ["x"], undefined]);
  expect(names(await ask({ experiment_ids: ["0"], max_results: 0 }))).toHaveLength(3);
  expect(await ask({ experiment_ids: ["99"] })).toEqual({});

  for (const [fields, phrase] of [
    [{}, "Missing value for required parameter 'experiment_ids'."],
    [{ experiment_ids: ["x"] }, "Invalid experiment ID 'x'"],
    [{ ...query, page_token: first.next_page_token, filter: "" }, "page token"],
    [{ ...query, order_by: [{ ascending: true }] }, "'order_by[0].field_name'"],
    [{ ...query, datasets: [{}] }, "'datasets[0].dataset_name'"],
    [{ ...query, max_results: -1 }, "max_results"],
  ] as const) {
    const reply = await mlflow("POST", "logged-models/search", fields);
    expect([reply.status, reply.json()["message"]]).toEqual([400, expect.stringContaining(phrase)]);
  }
});
