import { expect, test } from "vitest";
import { digestBytes } from "../../../src/core/hash.ts";
import { testServer } from "../../support/server.ts";

const { send, database, log } = await testServer();
const FILES = "/api/2.0/mlflow-artifacts/artifacts";

async function put(path: string, body: string | Buffer = "x") {
  return send("PUT", `${FILES}/${path}`, body);
}

async function list(path: string): Promise<unknown> {
  return (await send("GET", `${FILES}?path=${encodeURIComponent(path)}`)).json();
}

function countRows() {
  return database.kysely
    .selectFrom("artifact_file")
    .select(({ fn }) => fn.countAll<number>().as("n"))
    .executeTakeFirstOrThrow();
}

test("a file goes up, comes down as it was, is listed and deleted, under both prefixes", async () => {
  const bytes = Buffer.from([0, 255, 10, 13, 128, 7]);
  const up = await put("1/run/artifacts/data.bin", bytes);
  expect([up.status, up.text]).toEqual([200, ""]);
  const url = "/ajax-api/2.0/mlflow-artifacts/artifacts/1/run/artifacts/data.bin";
  const down = await send("GET", url);
  expect([down.status, down.bytes]).toEqual([200, bytes]);
  expect(down.headers).toMatchObject({
    "content-type": "application/octet-stream",
    "content-length": "6",
    "content-disposition": "attachment; filename=data.bin",
    "x-content-type-options": "nosniff",
    "accept-ranges": "bytes",
    etag: `"${digestBytes(bytes)}"`,
    "last-modified": expect.stringMatching(/GMT$/),
  });
  expect(await list("1/run/artifacts")).toEqual({
    files: [{ path: "data.bin", is_dir: false, file_size: 6 }],
  });
  expect((await send("DELETE", url)).json()).toEqual({});
  expect((await send("DELETE", url)).json()).toEqual({});
  const gone = await send("GET", url);
  expect([gone.status, gone.json()]).toEqual([
    404,
    {
      error_code: "RESOURCE_DOES_NOT_EXIST",
      message: "No such artifact: '1/run/artifacts/data.bin'",
      sqlstate: "KAM00",
      error_class: "RESOURCE_NOT_FOUND",
    },
  ]);
});

test("a file that is written again holds the newer bytes; an empty one is a file", async () => {
  await put("2/a.txt", "first");
  await put("2/a.txt", "");
  const empty = await send("GET", `${FILES}/2/a.txt`);
  expect([empty.status, empty.text, empty.headers["content-length"]]).toEqual([200, "", "0"]);
  expect(await list("2")).toEqual({ files: [{ path: "a.txt", is_dir: false }] });
});

test("a listing has one level, sorted by name, whatever lies below and beside", async () => {
  const names = ["b/c/d", "b/c0", "b.txt", "b-", "b0", "a", "é/x", "日本/語", "b/a", "z z/1"];
  for (const name of names) await put(`3/${encodeURIComponent(name)}`, name);
  const entry = (path: string, isFolder: boolean) =>
    isFolder ? { path, is_dir: true } : { path, is_dir: false, file_size: path.length };
  expect(await list("3")).toEqual({
    files: [
      entry("a", false),
      entry("b", true),
      entry("b-", false),
      entry("b.txt", false),
      entry("b0", false),
      entry("z z", true),
      entry("é", true),
      entry("日本", true),
    ],
  });
  expect(await list("3/b/")).toEqual({
    files: [
      { path: "a", is_dir: false, file_size: 3 },
      { path: "c", is_dir: true },
      { path: "c0", is_dir: false, file_size: 4 },
    ],
  });
  expect(await list("")).toMatchObject({
    files: expect.arrayContaining([{ path: "3", is_dir: true }]),
  });
  for (const none of ["3/a", "3/nothing", "nothing"]) expect(await list(none)).toEqual({});
});

test("a folder is no file, and goes with all that is below it", async () => {
  for (const name of ["f/x", "f/y/z", "f.txt", "f0"]) await put(`4/${name}`);
  const folder = await send("GET", `${FILES}/4/f`);
  expect([folder.status, folder.json()]).toEqual([
    400,
    { detail: "Artifact path refers to a directory, not a file: '4/f'" },
  ]);
  await send("DELETE", `${FILES}/4/f`);
  expect(await list("4")).toEqual({
    files: [
      { path: "f.txt", is_dir: false, file_size: 1 },
      { path: "f0", is_dir: false, file_size: 1 },
    ],
  });
});

test("no path is a file and a folder, whoever comes first", async () => {
  await put("5/model", "a file");
  const below = await put("5/model/MLmodel");
  expect([below.status, below.json()["error_code"]]).toEqual([400, "INVALID_PARAMETER_VALUE"]);
  await put("5/folder/x");
  expect((await put("5/folder")).status).toBe(400);
  const racing = await Promise.all([put("5/r"), put("5/r/a"), put("5/r/b"), put("5/r")]);
  const statuses = racing.map(({ status }) => status);
  expect([
    [200, 400, 400, 200],
    [400, 200, 200, 400],
  ]).toContainEqual(statuses);
});

test.each([
  "a%2F..%2Fx",
  "%252e%252e/x",
  "a/%25252e%25252e%25252fx",
  "%2Fetc%2Fpasswd",
  "/etc/passwd",
  "C%3A%2Fx",
  "C:/x",
  "..%5Cx",
  "a%5Cb",
  "a%23b",
  "a%00b",
  "a%2500b",
  "a%0Ab",
  "a%7Fb",
  `a/${"n".repeat(256)}`,
  `a/${"%C3%A9".repeat(128)}`,
  `${"n/".repeat(1100)}x`,
  `a%${"25".repeat(12)}2e`,
])("%s is refused as a path, by every call", async (path) => {
  const before = await countRows();
  for (const method of ["PUT", "GET", "DELETE"] as const) {
    const reply = await send(method, `${FILES}/${path}`, method === "PUT" ? "x" : undefined);
    expect([method, reply.status, reply.json()["error_code"]]).toEqual([
      method,
      400,
      "INVALID_PARAMETER_VALUE",
    ]);
    expect(reply.json()["message"]).toContain("Invalid path");
  }
  expect((await send("GET", `${FILES}?path=${path}`)).status).toBe(400);
  expect(await countRows()).toEqual(before);
});

test.each([
  ["%", "a malformed escape"],
  ["a%2", "a cut escape"],
  ["%ff", "no UTF-8"],
])("%s in a path, %s, is a bad request in MLflow's words", async (path) => {
  for (const method of ["PUT", "GET"] as const) {
    const reply = await send(method, `${FILES}/${path}`, method === "PUT" ? "x" : undefined);
    expect([reply.status, reply.json()["error_code"]]).toEqual([400, "INVALID_PARAMETER_VALUE"]);
  }
});

test.each([
  ["6/a b/ü ñ.txt", "6/a b/ü ñ.txt"],
  ["6/100%", "6/100%"],
  ["6/q?x=1&y", "6/q?x=1&y"],
  ["6/日本語/模型.bin", "6/日本語/模型.bin"],
  ["6//deep/./er", "6/deep/er"],
  ["6/c:/x", "6/c:/x"],
  ["6/..x/y..", "6/..x/y.."],
  [`6/${"n".repeat(255)}`, `6/${"n".repeat(255)}`],
  ["6/%41", "6/A"],
])("the client's name %s is kept as %s", async (name, kept) => {
  const url = `${FILES}/${name.split("/").map(encodeURIComponent).join("/")}`;
  expect((await send("PUT", url, name)).status).toBe(200);
  const rows = await database.kysely.selectFrom("artifact_file").select("path").execute();
  expect(rows.map(({ path }) => path)).toContain(kept);
  expect((await send("GET", url)).text).toBe(name);
});

test("a path that ends in a slash is a folder's: nothing is written to it", async () => {
  const reply = await put("7/folder/");
  expect([reply.status, Object.keys(reply.json())]).toEqual([400, ["detail"]]);
  expect((await put("")).status).toBe(400);
  expect((await send("DELETE", `${FILES}/`)).status).toBe(400);
});

test("nothing of all this was a fault of the server", () => {
  expect(log).toEqual([]);
});
