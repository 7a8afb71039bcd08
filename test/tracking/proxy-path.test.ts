import { expect, test } from "vitest";
import { proxyPath } from "../../src/tracking/proxy-path.ts";

test.each([
  ["mlflow-artifacts:", ""],
  ["mlflow-artifacts:/0/run/artifacts/", "0/run/artifacts"],
  ["mlflow-artifacts://host:5000/0/run", "0/run"],
  ["http://127.0.0.1:5000/api/2.0/mlflow-artifacts/artifacts", ""],
  ["https://host/mlflow/api/2.0/mlflow-artifacts/artifacts/0/run", "0/run"],
  ["http://host/ajax-api/2.0/mlflow-artifacts/artifacts//0/run/", "0/run"],
])("%s is in the artifact proxy, at %j", (uri, path) => {
  expect(proxyPath(uri)).toBe(path);
});

test.each([
  "s3://0/run",
  "/api/2.0/mlflow-artifacts/artifacts/0/run",
  "http://host/api/2.0/mlflow-artifacts/artifacts2/0/run",
  "http://host/x?y=/api/2.0/mlflow-artifacts/artifacts/0/run",
])("%s is not in the artifact proxy", (uri) => {
  expect(proxyPath(uri)).toBeUndefined();
});
