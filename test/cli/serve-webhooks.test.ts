import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { atEnd, temporaryFolder, testDatabaseEnv } from "../support/database.ts";
import { serve } from "../support/served.ts";

test("events that were acknowledged before kill -9 reach the webhook after the next start", async () => {
  const received: Record<string, unknown>[] = [];
  let isAway = true;
  const receiver = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      if (isAway) return; // never answers, so that the requests are under way when the server dies
      received.push(JSON.parse(Buffer.concat(chunks).toString("utf8")));
      response.end();
    });
  });
  await new Promise<void>((done) => receiver.listen(0, "127.0.0.1", done));
  atEnd(() => {
    receiver.closeAllConnections();
    receiver.close();
  });
  const folder = temporaryFolder();
  const env = {
    ...(await testDatabaseEnv()),
    MLFLOW_WEBHOOK_ALLOWED_SCHEMES: "http",
    MLFLOW_WEBHOOK_ALLOW_PRIVATE_IPS: "true",
    // a lease is as long as an attempt may take
    MLFLOW_WEBHOOK_REQUEST_TIMEOUT: "1",
  };
  const first = await serve(folder, [], env);
  const post = (url: string, path: string, body: unknown) =>
    fetch(`${url}/api/2.0/mlflow/${path}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
  const made = await post(first.url, "webhooks", {
    name: "hook",
    url: `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`,
    events: [{ entity: "REGISTERED_MODEL", action: "CREATED" }],
    secret: "s3cret",
  });
  expect(made.status).toBe(200);
  const names = ["a", "b", "c", "d"];
  for (const name of names) {
    expect((await post(first.url, "registered-models/create", { name })).status).toBe(200);
  }
  await first.stop("SIGKILL");
  isAway = false;
  const second = await serve(folder, [], env);
  const namesSeen = () => [...new Set(received.map(({ data }) => (data as { name: string }).name))];
  await expect.poll(() => namesSeen().sort(), { timeout: 50_000, interval: 200 }).toEqual(names);
  expect(await second.stop()).toBe(0);
  expect(second.stderr()).toBe("");
}, 120_000);
