import { expect, test } from "vitest";
import { DuetMindError } from "../../src/core/errors.ts";
import { testServer } from "../support/server.ts";

const server = await testServer();
let fault: unknown;
const broken = await testServer();
Object.assign(broken.services.experiments, { get: () => Promise.reject(fault) });
const url = "/api/2.0/mlflow/experiments/get?experiment_id=0";

test.each([
  ["a statement that ran too long", Object.assign(new Error("canceling"), { code: "57014" })],
  ["a connection that ended", new Error("Connection terminated unexpectedly")],
  [
    "a server that is away",
    new DuetMindError("DATABASE_UNAVAILABLE", "postgres://ann@db.internal"),
  ],
])("%s is a 503 that may be repeated, and tells no address", async (_, error) => {
  fault = error;
  const reply = await broken.send("GET", url);
  expect([reply.status, reply.headers["retry-after"]]).toEqual([503, "1"]);
  expect(reply.text).not.toContain("internal");
  expect(reply.json()["error_code"]).toBe("TEMPORARILY_UNAVAILABLE");
  expect(broken.log.at(-1)).toContain(String(reply.headers["x-request-id"]));
});

test("a bug is a bare 500 whose text is in the log alone", async () => {
  fault = new TypeError("secret detail");
  const reply = await broken.send("GET", url);
  expect(reply.status).toBe(500);
  expect(reply.text).not.toContain("secret detail");
  expect(broken.log.at(-1)).toContain("secret detail");
  expect((await server.send("GET", url)).status).toBe(200);
});
