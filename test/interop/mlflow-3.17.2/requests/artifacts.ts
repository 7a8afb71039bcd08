import type { CorpusRequest, Group } from "../request.ts";
import { get, post, send } from "../request.ts";

const P = "/api/2.0/mlflow-artifacts/artifacts";
const ROOT = `${P}/{{e}}/{{r}}/artifacts`;
const KEEP = ["content-disposition", "accept-ranges", "content-range", "content-length"];

function put(name: string, path: string, body: string, options: object = {}): CorpusRequest {
  return {
    name: `put ${name}`,
    method: "PUT",
    path,
    headers: { "content-type": "application/octet-stream" },
    body,
    ...options,
  };
}

function read(name: string, path: string, options: object = {}): CorpusRequest {
  return { name: `read ${name}`, method: "GET", path, keep: KEEP, ...options };
}

function range(name: string, value: string, options: object = {}): CorpusRequest {
  return read(`a range: ${name}`, `${ROOT}/a.txt`, { headers: { range: value }, ...options });
}

const TRAVERSALS = [
  "%2e%2e/x.txt",
  "a/%2e%2e/%2e%2e/x.txt",
  "..%2fx.txt",
  "%252e%252e/x.txt",
  "%252e%252e%252fx.txt",
  "%25252e%25252e/x.txt",
  "%2fetc/passwd",
  "%252fetc/passwd",
  "C:/x.txt",
  "a%23b.txt",
];

export const artifacts: Group = {
  name: "artifacts",
  requests: [
    post(
      "an experiment",
      "experiments/create",
      { name: "artifacts" },
      { save: { e: "experiment_id" } },
    ),
    post(
      "a run",
      "runs/create",
      { experiment_id: "{{e}}", run_name: "r" },
      { save: { r: "run.info.run_id" } },
    ),
    get("list an empty root", "artifacts/list", { run_id: "{{r}}" }),
    get("list an empty root by the proxy", P, { path: "{{e}}/{{r}}/artifacts" }),
    put("text", `${ROOT}/a.txt`, "hello, artifact"),
    put("it again", `${ROOT}/a.txt`, "0123456789"),
    put("a file in a folder", `${ROOT}/sub/deep/b.json`, '{"b":1}'),
    put("an empty file", `${ROOT}/empty.bin`, ""),
    put("a file with a space", `${ROOT}/with%20space.csv`, "a,b\n1,2\n"),
    put("a Unicode name", `${ROOT}/gr%C3%B6%C3%9Fe.md`, "# x"),
    put("a model", `${ROOT}/model/MLmodel`, "flavors: {}\n"),
    put("a page", `${ROOT}/page.html`, "<p>x</p>"),
    put("a picture", `${ROOT}/picture.png`, "no picture"),
    put("something", `${ROOT}/thing.zzz`, "thing"),
    ...["yaml", "yml", "py", "js", "log", "svg", "pdf", "onnx"].map((suffix) =>
      put(`a file of ${suffix}`, `${ROOT}/kinds/k.${suffix}`, suffix),
    ),
    put("under ajax-api", `${ROOT.replace("/api/", "/ajax-api/")}/ajax.txt`, "ajax"),
    read("text", `${ROOT}/a.txt`),
    read("text under ajax-api", `${ROOT.replace("/api/", "/ajax-api/")}/a.txt`),
    read("a file in a folder", `${ROOT}/sub/deep/b.json`),
    read("an empty file", `${ROOT}/empty.bin`),
    read("a file with a space", `${ROOT}/with%20space.csv`),
    read("a Unicode name", `${ROOT}/gr%C3%B6%C3%9Fe.md`),
    read("a model", `${ROOT}/model/MLmodel`),
    read("a page", `${ROOT}/page.html`),
    read("a picture", `${ROOT}/picture.png`),
    read("something", `${ROOT}/thing.zzz`),
    ...["yaml", "yml", "py", "js", "log", "svg", "pdf", "onnx"].map((suffix) =>
      read(`a file of ${suffix}`, `${ROOT}/kinds/k.${suffix}`),
    ),
    range("the first bytes", "bytes=0-3"),
    range("the middle", "bytes=3-6"),
    range("to the end", "bytes=7-"),
    range("the last bytes", "bytes=-2"),
    range("past the end", "bytes=5-99"),
    range("none of it", "bytes=99-", { says: "" }),
    range("backwards", "bytes=6-3"),
    range("words", "bytes=a-b"),
    range("another unit", "items=0-3"),
    read("a missing file", `${ROOT}/nobody.txt`),
    read("a missing folder", `${ROOT}/nobody/x.txt`),
    read("a folder", `${ROOT}/sub`),
    get("list the root", "artifacts/list", { run_id: "{{r}}" }),
    get("list the root by run_uuid", "artifacts/list", { run_uuid: "{{r}}" }),
    get("list a folder", "artifacts/list", { run_id: "{{r}}", path: "sub" }),
    get("list a deep folder", "artifacts/list", { run_id: "{{r}}", path: "sub/deep" }),
    get("list a file", "artifacts/list", { run_id: "{{r}}", path: "a.txt" }),
    get("list a missing path", "artifacts/list", { run_id: "{{r}}", path: "nobody" }),
    get(
      "list a path that leaves",
      "artifacts/list",
      { run_id: "{{r}}", path: "../.." },
      { says: "Invalid path" },
    ),
    get(
      "list an encoded path that leaves",
      "artifacts/list",
      {
        run_id: "{{r}}",
        path: "%2e%2e/x",
      },
      { says: "Invalid path" },
    ),
    get(
      "list an absolute path",
      "artifacts/list",
      { run_id: "{{r}}", path: "/etc" },
      { says: "Invalid path" },
    ),
    get("list without a run", "artifacts/list"),
    get("list an unknown run", "artifacts/list", { run_id: "0123456789abcdef0123456789abcdef" }),
    get("list the root by the proxy", P, { path: "{{e}}/{{r}}/artifacts" }),
    get("list a folder by the proxy", P, { path: "{{e}}/{{r}}/artifacts/sub" }),
    get("list a file by the proxy", P, { path: "{{e}}/{{r}}/artifacts/a.txt" }),
    get("list a missing path by the proxy", P, { path: "nobody" }),
    get("list a path that leaves by the proxy", P, { path: "../.." }, { says: "Invalid path" }),
    get("list an absolute path by the proxy", P, { path: "/etc" }, { says: "Invalid path" }),
    ...TRAVERSALS.map((path) =>
      read(`the path ${path}`, `${P}/${path}`, { says: "Invalid path", keep: [] }),
    ),
    ...TRAVERSALS.map((path) =>
      put(`at the path ${path}`, `${P}/${path}`, "x", { says: "Invalid path" }),
    ),
    put("at a path with a slash at its end", `${ROOT}/folder/`, "x", { says: "" }),
    send("DELETE", "delete at a path that leaves", `${P}/%2e%2e/x`, undefined, {
      says: "Invalid path",
    }),
    get(
      "the file of a run for the UI",
      "/get-artifact",
      { run_id: "{{r}}", path: "a.txt" },
      { keep: ["content-disposition"] },
    ),
    get("the file of a run by run_uuid", "/get-artifact", {
      run_uuid: "{{r}}",
      path: "sub/deep/b.json",
    }),
    get(
      "a missing file of a run",
      "/get-artifact",
      { run_id: "{{r}}", path: "nobody" },
      { says: "" },
    ),
    get(
      "a file of a run that leaves",
      "/get-artifact",
      { run_id: "{{r}}", path: "../../x" },
      { says: "Invalid path" },
    ),
    {
      name: "upload from the UI",
      method: "POST",
      path: "/ajax-api/2.0/mlflow/upload-artifact?run_uuid={{r}}&path=ui/u.txt",
      headers: { "content-type": "text/plain" },
      body: "from the UI",
    },
    read("what the UI uploaded", `${ROOT}/ui/u.txt`),
    post("a model to register", "registered-models/create", { name: "with files" }),
    post("a version of the run's model", "model-versions/create", {
      name: "with files",
      source: "mlflow-artifacts:/{{e}}/{{r}}/artifacts/model",
      run_id: "{{r}}",
    }),
    get("the file of a version", "/model-versions/get-artifact", {
      name: "with files",
      version: "1",
      path: "MLmodel",
    }),
    get(
      "a missing file of a version",
      "/model-versions/get-artifact",
      { name: "with files", version: "1", path: "nobody" },
      { says: "" },
    ),
    post(
      "a logged model",
      "logged-models",
      { experiment_id: "{{e}}", name: "l" },
      { save: { m: "model.info.model_id" } },
    ),
    put("a file of a logged model", `${P}/{{e}}/models/{{m}}/artifacts/MLmodel`, "flavors: {}\n"),
    put("a deep file of a logged model", `${P}/{{e}}/models/{{m}}/artifacts/data/x.bin`, "x"),
    get("directories of a logged model", "logged-models/{{m}}/artifacts/directories"),
    get("a directory of a logged model", "logged-models/{{m}}/artifacts/directories", {
      artifact_directory_path: "data",
    }),
    get("the file of a logged model", "/ajax-api/2.0/mlflow/logged-models/{{m}}/artifacts/files", {
      artifact_file_path: "MLmodel",
    }),
    post(
      "a presigned upload when proxied",
      "artifacts/presigned-upload-url",
      { run_id: "{{r}}", path: "x" },
      { says: "" },
    ),
    post(
      "a presigned download when proxied",
      "artifacts/presigned-download-url",
      { run_id: "{{r}}", path: "a.txt" },
      { says: "" },
    ),
    get(
      "a presigned read",
      "/api/2.0/mlflow-artifacts/presigned/{{e}}/{{r}}/artifacts/a.txt",
      {},
      { says: "" },
    ),
    post(
      "a multipart upload",
      "/api/2.0/mlflow-artifacts/mpu/create/{{e}}/{{r}}/artifacts",
      { path: "big.bin", num_parts: 2 },
      { says: "" },
    ),
    post(
      "complete a multipart upload",
      "/api/2.0/mlflow-artifacts/mpu/complete/{{e}}/{{r}}/artifacts",
      { path: "big.bin", upload_id: "x", parts: [{ part_number: 1, etag: "x", url: "x" }] },
      { says: "" },
    ),
    post(
      "abort a multipart upload",
      "/api/2.0/mlflow-artifacts/mpu/abort/{{e}}/{{r}}/artifacts",
      { path: "big.bin", upload_id: "x" },
      { says: "" },
    ),
    send("DELETE", "delete a file", `${ROOT}/a.txt`, undefined),
    read("a deleted file", `${ROOT}/a.txt`),
    send("DELETE", "delete it again", `${ROOT}/a.txt`, undefined),
    send("DELETE", "delete a folder", `${ROOT}/sub`, undefined),
    get("list after deletes", "artifacts/list", { run_id: "{{r}}" }),
    post("delete the run", "runs/delete", { run_id: "{{r}}" }),
    get("list a deleted run", "artifacts/list", { run_id: "{{r}}", path: "kinds" }),
  ],
};
