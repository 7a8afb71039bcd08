import { expect, test } from "vitest";
import { createTrackingClient, TrackingError } from "../../src/client/create-tracking-client.ts";
import { startServer } from "../support/http-server.ts";

const experiment = {
  experiment: {
    experiment_id: "1",
    name: "trials",
    artifact_location: "mlflow-artifacts:/1",
    lifecycle_stage: "active",
  },
};

/** A server that gives these replies one after the other, the last one again and again. */
async function replying(...replies: (readonly [number, string, Record<string, string>?])[]) {
  let next = 0;
  return startServer((request, response) => {
    request.resume();
    request.on("end", () => {
      const [status, body, headers] = replies[Math.min(next++, replies.length - 1)]!;
      response.writeHead(status, headers).end(body);
    });
  });
}

/** Time that passes only in a list of how long was waited. */
function waits() {
  const waited: number[] = [];
  const effects = {
    sleep: async (ms: number) => void waited.push(ms),
    random: () => 0.5,
    now: () => Date.parse("2026-01-01T00:00:00Z"),
  };
  return { waited, effects };
}

test("a busy server is asked again, as late as it says, else later each time", async () => {
  const { waited, effects } = waits();
  const { url, requests } = await replying(
    [503, "", { "retry-after": "7" }],
    [429, "", { "retry-after": "Thu, 01 Jan 2026 00:00:03 GMT" }],
    [500, ""],
    [502, ""],
    [200, JSON.stringify(experiment)],
  );
  const client = createTrackingClient({ url }, effects);
  expect((await client.experiments.get("1")).name).toBe("trials");
  expect(requests).toHaveLength(5);
  expect(waited).toEqual([7000, 3000, 750, 1500]);
});

test("after the last try the server's own words are the error", async () => {
  const { waited, effects } = waits();
  const body = JSON.stringify({ error_code: "TEMPORARILY_UNAVAILABLE", message: "busy" });
  const { url } = await replying([503, body]);
  const client = createTrackingClient({ url, retries: 2 }, effects);
  const error = await client.experiments.get("1").catch((failure: unknown) => failure);
  expect(error).toBeInstanceOf(TrackingError);
  expect(error).toMatchObject({
    status: 503,
    errorCode: "TEMPORARILY_UNAVAILABLE",
    message: "busy",
  });
  expect(waited).toHaveLength(2);
});

test("a refusal is not sent again, nor a create that may have been done", async () => {
  const { waited, effects } = waits();
  const refusing = await replying([400, '{"error_code":"INVALID_PARAMETER_VALUE","message":"no"}']);
  const first = createTrackingClient({ url: refusing.url }, effects);
  await expect(first.experiments.get("x")).rejects.toMatchObject({ status: 400, message: "no" });
  const failing = await replying([500, "<html>"]);
  const second = createTrackingClient({ url: failing.url }, effects);
  await expect(second.runs.start({ experimentId: "1" })).rejects.toMatchObject({
    status: 500,
    errorCode: "HTTP_500",
    message: "POST /api/2.0/mlflow/runs/create: 500 <html>",
  });
  expect([refusing.requests.length, failing.requests.length, waited.length]).toEqual([1, 1, 0]);
});

test("a server that is not there, and one that says nothing, are named", async () => {
  const { effects } = waits();
  const gone = createTrackingClient({ url: "http://127.0.0.1:9", retries: 0 }, effects);
  await expect(gone.experiments.get("1")).rejects.toMatchObject({
    status: 0,
    errorCode: "CONNECTION_FAILED",
    message: expect.stringMatching(/^GET http:\/\/127\.0\.0\.1:9\/api.*: .+/),
  });
  const silent = await startServer(() => {});
  const client = createTrackingClient({ url: silent.url, retries: 1, timeoutMs: 50 }, effects);
  await expect(client.experiments.get("1")).rejects.toMatchObject({ errorCode: "TIMEOUT" });
  expect(silent.requests).toHaveLength(2);
});

test.each([
  ["no JSON", "<html>", "expected a JSON object, got <html>"],
  ["no object", "[1]", "expected a JSON object, got [1]"],
  ["no experiment", "{}", "experiment: expected an object, got undefined"],
])("a reply with %s is no reply of a tracking server", async (_, body, message) => {
  const { url } = await replying([200, body]);
  const client = createTrackingClient({ url });
  await expect(client.experiments.get("1")).rejects.toMatchObject({
    errorCode: "BAD_REPLY",
    message: expect.stringContaining(message),
  });
});

test("a token, a password and one in the address are sent; a prefix is kept", async () => {
  const { url, host, requests } = await replying([200, JSON.stringify(experiment)]);
  const clients = [
    createTrackingClient({ url: `${url}/ml/`, token: "t0ken" }),
    createTrackingClient({ url, username: "jörg", password: "p:w" }),
    createTrackingClient({ url: `http://a%20b:c@${host}` }),
    createTrackingClient({ url, headers: { "x-mlflow-workspace": "w" } }),
  ];
  for (const client of clients) await client.experiments.get("1");
  const basic = (text: string) => `Basic ${Buffer.from(text).toString("base64")}`;
  expect(requests.map(({ headers }) => headers.authorization)).toEqual([
    "Bearer t0ken",
    basic("jörg:p:w"),
    basic("a b:c"),
    undefined,
  ]);
  expect(requests[3]!.headers["x-mlflow-workspace"]).toBe("w");
  expect(requests[0]!.url).toBe("/ml/api/2.0/mlflow/experiments/get?experiment_id=1");
});

test.each([
  [{ url: "localhost:5000" }, "url: expected an http or https address"],
  [{ url: "" }, "url: expected an http or https address"],
  [{ url: "http://a", token: "t", username: "u" }, "token: expected either"],
  [{ url: "http://a", retries: -1 }, "retries: expected a whole number from 0 on, got -1"],
  [{ url: "http://a", queueSize: 0.5 }, "queueSize: expected a whole number from 1 on, got 0.5"],
])("options %j are refused", (options, message) => {
  expect(() => createTrackingClient(options)).toThrow(message);
});
