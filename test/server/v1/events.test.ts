import { expect, test } from "vitest";
import { systemClock } from "../../../src/core/clock.ts";
import { appendEvent } from "../../../src/events/append-event.ts";
import { testServer } from "../../support/server.ts";

const { app, database, mlflow, send } = await testServer();
const address = await app.listen({ host: "127.0.0.1", port: 0 });

function tell(topic: string, n: number) {
  const event = { topic, kind: `${topic}.changed`, actor: "ann", data: { n } };
  return appendEvent(database.kysely, event, systemClock);
}

/** Opens the stream and reads events as they come. */
async function listen(query: string, headers: Record<string, string> = {}) {
  const stop = new AbortController();
  const reply = await fetch(`${address}/api/v1/events${query}`, { headers, signal: stop.signal });
  expect(reply.headers.get("content-type")).toBe("text/event-stream");
  const reader = reply.body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  return {
    /** The events so far, when there are so many. */
    async events(count: number) {
      for (;;) {
        const found = text
          .split("\n\n")
          .slice(0, -1)
          .filter((block) => !block.startsWith(":"))
          .map((block) =>
            Object.fromEntries(block.split("\n").map((line) => line.split(/: (.*)/s))),
          );
        if (found.length >= count) return found as Record<string, string>[];
        const { value, done } = await reader.read();
        if (done) return found as Record<string, string>[];
        text += value;
      }
    },
    stop: () => stop.abort(),
  };
}

test("a reader sees what happens from now on, of its topics, and resumes by the last number", async () => {
  await tell("runs", 0);
  const first = await listen("?topics=runs,alerts");
  await tell("runs", 1);
  await tell("models", 2);
  await tell("runs", 3);
  const seen = await first.events(2);
  first.stop();
  expect(seen.map(({ data }) => JSON.parse(data!).data)).toEqual([{ n: 1 }, { n: 3 }]);
  expect(seen[0]).toMatchObject({ event: "runs.changed" });
  await tell("runs", 4);
  const again = await listen("", { "last-event-id": seen[0]!["id"]! });
  const rest = await again.events(3);
  again.stop();
  expect(rest.map(({ data }) => JSON.parse(data!).data)).toEqual([{ n: 2 }, { n: 3 }, { n: 4 }]);
});

test("a run that ends is told, with what it is", async () => {
  const reader = await listen("?topics=runs");
  const made = await mlflow("POST", "runs/create", { experiment_id: "0", run_name: "short" });
  const { run_id } = made.json<{ run: { info: { run_id: string } } }>().run.info;
  await mlflow("POST", "runs/update", { run_id, status: "FINISHED", end_time: 5 });
  const [event] = await reader.events(1);
  reader.stop();
  expect(JSON.parse(event!["data"]!)).toMatchObject({
    topic: "runs",
    kind: "run.finished",
    actor: "tester",
    data: { run_id, experiment_id: "0", run_name: "short", status: "FINISHED" },
  });
});

test("a number that this server never gave is refused", async () => {
  const reply = await send("GET", "/api/v1/events", undefined, { "last-event-id": "999999" });
  expect(reply.status).toBe(400);
});

test("a stream ends when the server stops", async () => {
  const other = await testServer();
  const at = await other.app.listen({ host: "127.0.0.1", port: 0 });
  const reply = await fetch(`${at}/api/v1/events`);
  const closed = other.app.close();
  expect(await reply.text()).toContain(": hello");
  await closed;
});

test("a stream ends when the key of its reader is revoked, and tells nothing more", async () => {
  const other = await testServer();
  const at = await other.app.listen({ host: "127.0.0.1", port: 0 });
  const { apiKeys } = other.services;
  const { id, key } = await apiKeys.create({ name: "r", scope: "read", expiresAt: null }, "ann");
  await apiKeys.create({ name: "other", scope: "read", expiresAt: null }, "ann");
  const headers = { authorization: `Bearer ${key}` };
  const reply = await fetch(`${at}/api/v1/events`, { headers });
  expect(reply.status).toBe(200);
  await apiKeys.revoke(id, "ann");
  const event = { topic: "runs", kind: "runs.changed", actor: "ann", data: {} };
  await appendEvent(other.database.kysely, event, systemClock);
  expect(await reply.text()).not.toContain("runs.changed");
});
