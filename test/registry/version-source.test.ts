import { expect, test } from "vitest";
import { liesIn, localPath, parseVersionSource } from "../../src/registry/version-source.ts";

const ID = `m-${"0a".repeat(16)}`;

test.each([
  ["mlflow-artifacts:/0/r/artifacts/model", { kind: "proxy", path: "0/r/artifacts/model" }],
  ["mlflow-artifacts:///0/r/artifacts/", { kind: "proxy", path: "0/r/artifacts" }],
  ["mlflow-artifacts://host:5000/0/r", { kind: "proxy", path: "0/r" }],
  ["runs:/abc/model/x", { kind: "run", runId: "abc", path: "model/x" }],
  ["runs:/abc", { kind: "run", runId: "abc", path: "" }],
  [`models:/${ID}`, { kind: "logged-model", modelId: ID, path: "" }],
  [`models:/${ID}/sub`, { kind: "logged-model", modelId: ID, path: "sub" }],
  ["models:/risk/7", { kind: "version", name: "risk", version: "7" }],
  ["/a/b", { kind: "local", path: "/a/b" }],
  ["a/b", { kind: "local", path: "a/b" }],
  ["file:///a/./b//c/", { kind: "local", path: "/a/b/c" }],
  ["file://localhost/a", { kind: "local", path: "/a" }],
  ["C:\\models", { kind: "local", path: "C:\\models" }],
  ["s3://bucket/a", { kind: "remote" }],
  ["dbfs:/a", { kind: "remote" }],
  ["s3://bucket/a..b/..c", { kind: "remote" }],
] as const)("%s", (source, parsed) => {
  expect(parseVersionSource(source)).toEqual(parsed);
});

test.each([
  "mlflow-artifacts:/0/../1",
  "mlflow-artifacts:/..",
  "mlflow-artifacts:/0/%2e%2e/1",
  "mlflow-artifacts:/0/%252e%252e/1",
  "http://host/a/..%2fb",
  "s3:../a",
  "https://host/model",
  "HTTP://host/model",
  "../a",
  "..",
  "a\\..\\b",
  "runs:/abc/../def",
  "models:/risk",
  "models:/risk@champion",
  "models:/risk/Production",
  "models:/",
  "models:/m-short",
])("%s is refused", (source) => {
  expect(() => parseVersionSource(source)).toThrow("Invalid model version source: '");
});

test("a source ends at 2048 characters and holds no NUL", () => {
  expect(parseVersionSource(`s3://${"b".repeat(2043)}`)).toEqual({ kind: "remote" });
  expect(() => parseVersionSource(`s3://${"b".repeat(2044)}`)).toThrow("maximum length of 2048");
  expect(() => parseVersionSource("s3://b/\0")).toThrow("NUL");
});

test("a path lies in a folder by whole parts", () => {
  expect(liesIn("0/run/artifacts", "0/run/artifacts")).toBe(true);
  expect(liesIn("0/run/artifacts/x", "0/run/artifacts")).toBe(true);
  expect(liesIn("0/run/artifacts2", "0/run/artifacts")).toBe(false);
  expect(localPath("/")).toBe("/");
});
