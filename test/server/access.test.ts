import { expect, test } from "vitest";
import { testServer } from "../support/server.ts";

const { send, services } = await testServer();
const url = "/api/2.0/mlflow/experiments/create";
const get = "/api/2.0/mlflow/experiments/get?experiment_id=0";

test("without any key everybody may write; with one, only who shows it, as far as its scope goes", async () => {
  expect((await send("POST", url, { name: "open" })).status).toBe(200);
  const reader = await services.apiKeys.create(
    { name: "reader", scope: "read", expiresAt: null },
    "ann",
  );
  const writer = await services.apiKeys.create(
    { name: "writer", scope: "write", expiresAt: null },
    "ann",
  );
  const bearer = (key: string) => ({ authorization: `Bearer ${key}` });
  const basic = (key: string) => ({
    authorization: `Basic ${Buffer.from(`anybody:${key}`).toString("base64")}`,
  });
  const refused = await send("GET", get);
  expect([refused.status, refused.headers["www-authenticate"]]).toEqual([
    401,
    'Basic realm="mlflow"',
  ]);
  expect((await send("GET", get, undefined, bearer(reader.key))).status).toBe(200);
  expect((await send("GET", get, undefined, basic(reader.key))).status).toBe(200);
  const denied = await send("POST", url, { name: "denied" }, bearer(reader.key));
  expect([denied.status, denied.json()["error_code"]]).toEqual([403, "PERMISSION_DENIED"]);
  expect((await send("POST", url, { name: "kept" }, basic(writer.key))).status).toBe(200);
  expect((await send("GET", get, undefined, bearer("dm_wrong"))).status).toBe(401);
  expect((await send("GET", "/metrics")).status).toBe(401);
  expect((await send("GET", "/health")).text).toBe("OK");
});

test("a path that is known says its methods, one that is not is 404", async () => {
  const wrong = await send("GET", url);
  expect([wrong.status, wrong.headers["allow"]]).toEqual([405, "OPTIONS, POST"]);
  expect((await send("OPTIONS", url)).status).toBe(204);
  expect((await send("GET", "/api/2.0/mlflow/nothing")).status).toBe(404);
  expect((await send("GET", "/")).status).toBe(404);
  expect((await send("GET", "/api/v1/nothing")).json()).toMatchObject({
    status: 404,
    code: "NOT_FOUND",
  });
});

test("a wrong method of the API is a problem document with the methods that there are", async () => {
  const wrong = await send("PUT", "/api/v1/memory/stats?session_id=a");
  expect([wrong.status, wrong.headers["allow"]]).toEqual([405, "GET, HEAD, OPTIONS"]);
  expect(wrong.headers["content-type"]).toMatch(/^application\/problem\+json/);
  expect(wrong.json()).toMatchObject({
    title: "Method Not Allowed",
    status: 405,
    code: "METHOD_NOT_ALLOWED",
    detail: "/api/v1/memory/stats: expected GET, HEAD or OPTIONS, got PUT",
    request_id: expect.any(String),
  });
});

test("a preflight is answered for origins that are allowed, and refused for others", async () => {
  const ask = (origin: string) =>
    send("OPTIONS", url, undefined, { origin, "access-control-request-method": "POST" });
  const allowed = await ask("http://localhost:3000");
  expect([allowed.status, allowed.headers["access-control-allow-origin"]]).toEqual([
    200,
    "http://localhost:3000",
  ]);
  expect((await ask("null")).status).toBe(400);
});

test("metrics name routes by their pattern", async () => {
  const other = await testServer();
  await other.send("GET", get);
  const metrics = (await other.send("GET", "/metrics")).text;
  expect(metrics).toContain(
    'duetmind_http_request_duration_seconds_count{method="GET",route="/api/2.0/mlflow/experiments/get",status="200"} 1',
  );
  expect(metrics).toContain("process_cpu_user_seconds_total");
});
