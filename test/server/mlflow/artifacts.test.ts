import { expect, test } from "vitest";
import { testServer } from "../../support/server.ts";

const { mlflow, send, database } = await testServer();
const AJAX = "/ajax-api/2.0/mlflow";

/** A run with files, and its id. */
async function newRun(files: Readonly<Record<string, string>> = {}): Promise<string> {
  const made = await mlflow("POST", "runs/create", { experiment_id: "0" });
  const { run } = made.json<{ run: { info: { run_id: string } } }>();
  const id = run.info.run_id;
  for (const [path, bytes] of Object.entries(files)) {
    await send("PUT", `/api/2.0/mlflow-artifacts/artifacts/0/${id}/artifacts/${path}`, bytes);
  }
  return id;
}

async function newModel(files: Readonly<Record<string, string>>): Promise<string> {
  const id = `m-${"0123456789abcdef".repeat(2)}`;
  const at = new Date();
  await database.kysely
    .insertInto("logged_models")
    .values({
      ...{ model_id: id, experiment_id: 0, name: "m", created_at: at, updated_at: at },
      artifact_uri: `mlflow-artifacts:/0/models/${id}/artifacts`,
    })
    .execute();
  for (const [path, bytes] of Object.entries(files)) {
    const url = `/api/2.0/mlflow-artifacts/artifacts/0/models/${id}/artifacts/${path}`;
    await send("PUT", url, bytes);
  }
  return id;
}

test("a run's files are listed by paths from its root, by either of its names", async () => {
  const id = await newRun({ "a.txt": "abc", "model/MLmodel": "x", "model/data/w.bin": "12345" });
  const root_uri = `mlflow-artifacts:/0/${id}/artifacts`;
  const root = await mlflow("GET", "artifacts/list", { run_id: id });
  expect(root.json()).toEqual({
    root_uri,
    files: [
      { path: "a.txt", is_dir: false, file_size: 3 },
      { path: "model", is_dir: true },
    ],
  });
  for (const path of ["model", "model/"]) {
    expect((await mlflow("GET", "artifacts/list", { run_uuid: id, path })).json()).toEqual({
      root_uri,
      files: [
        { path: "model/MLmodel", is_dir: false, file_size: 1 },
        { path: "model/data", is_dir: true },
      ],
    });
  }
  for (const path of ["nothing", "a.txt"]) {
    expect((await mlflow("GET", "artifacts/list", { run_id: id, path })).json()).toEqual({
      root_uri,
    });
  }
});

test.each([
  [{}, 400, "Missing value for required parameter 'run_id'."],
  [{ run_id: "nobody" }, 404, "Run with id=nobody not found"],
  [{ path: "../x" }, 400, "Invalid path"],
  [{ path: "/etc" }, 400, "Invalid path"],
  [{ path: "%2e%2e/%2e%2e" }, 400, "Invalid path"],
])("artifacts/list %j is %i", async (fields, status, phrase) => {
  const run_id = "path" in fields ? { run_id: await newRun() } : {};
  const reply = await mlflow("GET", "artifacts/list", { ...run_id, ...fields });
  expect([reply.status, reply.json()["message"]]).toEqual([
    status,
    expect.stringContaining(phrase),
  ]);
});

test.each([
  "/api/2.0/mlflow/artifacts/list?run_id=nobody",
  "/get-artifact?run_id=nobody",
  "/model-versions/get-artifact?name=nobody&version=1",
  "//model-versions/get-artifact?name=nobody&version=1",
])("of a path that leaves, %s says just that, before it looks for anything", async (url) => {
  const reply = await send("GET", `${url}&path=../x`);
  expect([reply.status, reply.json()["message"]]).toEqual([400, "Invalid path"]);
});

test("a root that this server does not keep is told, not listed as empty", async () => {
  const made = await mlflow("POST", "experiments/create", {
    name: "elsewhere",
    artifact_location: "s3://bucket/place",
  });
  const run = await mlflow("POST", "runs/create", made.json());
  const { info } = run.json<{ run: { info: { run_id: string } } }>().run;
  const reply = await mlflow("GET", "artifacts/list", { run_id: info.run_id });
  expect([reply.status, reply.json()["error_code"]]).toEqual([501, "NOT_IMPLEMENTED"]);
  expect(reply.json()["message"]).toContain("s3://bucket/place");
});

test("files of an experiment whose place is the proxy's own address are the server's", async () => {
  const made = await mlflow("POST", "experiments/create", {
    name: "by address",
    artifact_location: "http://127.0.0.1:5000/api/2.0/mlflow-artifacts/artifacts/by/address",
  });
  const run = await mlflow("POST", "runs/create", made.json());
  const { run_id, artifact_uri } = run.json<{
    run: { info: { run_id: string; artifact_uri: string } };
  }>().run.info;
  await send("PUT", `${new URL(artifact_uri).pathname}/a.txt`, "bytes");
  expect((await mlflow("GET", "artifacts/list", { run_id })).json()).toEqual({
    root_uri: artifact_uri,
    files: [{ path: "a.txt", is_dir: false, file_size: 5 }],
  });
  expect((await send("GET", `/get-artifact?run_id=${run_id}&path=a.txt`)).text).toBe("bytes");
});

test("get-artifact sends a run's file, by range too", async () => {
  const id = await newRun({ "plots/a b.txt": "0123456789" });
  const url = `/get-artifact?run_id=${id}&path=plots/a%20b.txt`;
  const file = await send("GET", url);
  expect([file.status, file.text, file.headers["content-type"]]).toEqual([
    200,
    "0123456789",
    "text/plain",
  ]);
  const part = await send("GET", url.replace("run_id", "run_uuid"), undefined, {
    range: "bytes=2-3",
  });
  expect([part.status, part.text]).toEqual([206, "23"]);
  expect((await send("GET", `/get-artifact?run_id=${id}&path=none`)).status).toBe(404);
  expect((await send("GET", `/get-artifact?run_id=${id}`)).status).toBe(400);
  expect((await send("GET", `/get-artifact?run_id=${id}&path=../x`)).status).toBe(400);
});

test("a logged model's files are listed and sent", async () => {
  const id = await newModel({ MLmodel: "flavors", "data/w.bin": "w" });
  const list = (query: string) =>
    send("GET", `/api/2.0/mlflow/logged-models/${id}/artifacts/directories${query}`);
  const root_uri = `mlflow-artifacts:/0/models/${id}/artifacts`;
  expect((await list("")).json()).toEqual({
    root_uri,
    files: [
      { path: "MLmodel", is_dir: false, file_size: 7 },
      { path: "data", is_dir: true },
    ],
  });
  expect((await list("?artifact_directory_path=data")).json()).toEqual({
    root_uri,
    files: [{ path: "data/w.bin", is_dir: false, file_size: 1 }],
  });
  const url = `${AJAX}/logged-models/${id}/artifacts/files?artifact_file_path=MLmodel`;
  expect((await send("GET", url)).text).toBe("flavors");
  const unknown = url.replace(id, `m-${"f".repeat(32)}`);
  expect((await send("GET", unknown)).status).toBe(404);
});

test("the files of a model version are sent by its name and number", async () => {
  const id = await newRun({ "model/MLmodel": "flavors" });
  await mlflow("POST", "registered-models/create", { name: "churn" });
  const source = `runs:/${id}/model`;
  await mlflow("POST", "model-versions/create", { name: "churn", source, run_id: id });
  const url = "/model-versions/get-artifact?name=churn&version=1&path=MLmodel";
  expect((await send("GET", url)).text).toBe("flavors");
  expect((await send("GET", url.replace("version=1", "version=2"))).status).toBe(404);
  expect((await send("GET", url.replace("=MLmodel", "=../x"))).status).toBe(400);
});

test("upload-artifact takes up to 10 MB of a run's file, not one byte more, and not nothing", async () => {
  const id = await newRun();
  const url = `${AJAX}/upload-artifact`;
  const query = `run_uuid=${id}&path=notes/a.txt`;
  const up = await send("POST", `${url}?${query}`, Buffer.alloc(10 * 2 ** 20, 65));
  expect([up.status, up.json()]).toEqual([200, {}]);
  const stored = await mlflow("GET", "artifacts/list", { run_id: id, path: "notes" });
  expect(stored.json()["files"]).toEqual([
    { path: "notes/a.txt", is_dir: false, file_size: 10 * 2 ** 20 },
  ]);
  for (const [fields, body, phrase] of [
    [query, Buffer.alloc(10 * 2 ** 20 + 1), "Artifact size is too large. Max size is 10MB."],
    [query, undefined, "Request must specify data."],
    [`run_uuid=${id}`, Buffer.from("x"), "Request must specify path."],
    [`run_uuid=${id}&path=`, Buffer.from("x"), "Request must specify path."],
    ["path=x", Buffer.from("x"), "Request must specify run_uuid."],
    [`run_uuid=${id}&path=../../x`, Buffer.from("x"), "Invalid path"],
  ] as const) {
    const reply = await send("POST", `${url}?${fields}`, body);
    expect([reply.status, reply.json()["message"]]).toEqual([400, expect.stringContaining(phrase)]);
  }
  expect((await send("POST", `/api/2.0/mlflow/upload-artifact?${query}`, "x")).status).toBe(404);
});

test.each(["upload", "download"])(
  "presigned-%s-url is 400 for proxied files",
  async (direction) => {
    const path = `artifacts/presigned-${direction}-url`;
    const run_id = await newRun();
    const reply = await mlflow("POST", path, { run_id, path: "a.txt" });
    expect([reply.status, reply.json()["error_code"]]).toEqual([400, "INVALID_PARAMETER_VALUE"]);
    expect((await mlflow("POST", path, { run_id })).status).toBe(400);
    expect((await mlflow("POST", path, { run_id: "nobody", path: "a" })).status).toBe(404);
  },
);

test("multipart and presigned calls of the proxy are 501", async () => {
  for (const step of ["create", "complete", "abort"]) {
    const reply = await send("POST", `/api/2.0/mlflow-artifacts/mpu/${step}/0/a.bin`, {
      path: "0/a.bin",
    });
    expect([reply.status, reply.json()["error_code"]]).toEqual([501, "NOT_IMPLEMENTED"]);
  }
  const presigned = await send("GET", "/api/2.0/mlflow-artifacts/presigned/0/a.bin");
  expect(presigned.status).toBe(501);
});
