import { readFileSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { describe, expect, test } from "vitest";
import { type Send, socketSender } from "../../interop/mlflow-3.17.2/exchange.ts";
import { GROUPS } from "../../interop/mlflow-3.17.2/groups.ts";
import { digestOf } from "../../interop/mlflow-3.17.2/reply.ts";
import type { Group } from "../../interop/mlflow-3.17.2/request.ts";
import { testServer } from "../../support/server.ts";
import { DEVIATIONS } from "./deviations.ts";
import { injectSender, messageOf, RECORDED, replay } from "./replay.ts";

const requests = GROUPS.flatMap((group) =>
  group.requests.map((request) => ({ id: `${group.name}: ${request.name}`, request })),
);

test("every request has the reply that MLflow 3.17.2 gave to it", () => {
  expect(new Set(requests.map(({ id }) => id)).size).toBe(requests.length);
  expect([...RECORDED.keys()]).toEqual(requests.map(({ id }) => id));
  const changed = requests.filter(
    ({ id, request }) => RECORDED.get(id)!.asks !== digestOf(request),
  );
  expect(changed.map(({ id }) => id)).toEqual([]);
});

test("MLflow's own message holds the words that a request says clients match on", () => {
  const without = requests.filter(({ id, request: { says = "" } }) => {
    return messageOf(RECORDED.get(id)!)?.includes(says) === false;
  });
  expect(without.map(({ id }) => id)).toEqual([]);
});

async function expectAlike(group: Group, send: Send): Promise<void> {
  const compared = await replay(group, send);
  const differing = compared.filter(({ wanted, got }) => !isDeepStrictEqual(got, wanted));
  const unknown = differing.filter(({ id }) => !DEVIATIONS.has(id));
  expect(unknown).toEqual([]);
  const listed = compared.filter(({ id }) => DEVIATIONS.has(id));
  expect(listed.map(({ id }) => id)).toEqual(differing.map(({ id }) => id));
  for (const { id, got } of listed)
    expect({ id, status: got.status }).toEqual({ id, status: DEVIATIONS.get(id)!.status });
}

// the settings that the real server was recorded with
const { app } = await testServer(
  {},
  {
    env: { MLFLOW_WEBHOOK_ALLOWED_SCHEMES: "http,https", MLFLOW_WEBHOOK_ALLOW_PRIVATE_IPS: "true" },
  },
);
/** Their paths hold dots that must reach the server as they are. */
const BY_SOCKET = new Set(["artifacts"]);

describe("a replay is alike", () => {
  test.each(GROUPS.filter(({ name }) => !BY_SOCKET.has(name)))("$name", async (group) => {
    await expectAlike(group, injectSender(app));
  });
});

describe("a replay over a socket is alike", () => {
  test.each(GROUPS.filter(({ name }) => BY_SOCKET.has(name)))("$name", async (group) => {
    const url = await app.listen({ host: "127.0.0.1", port: 0 });
    await expectAlike(group, socketSender(url));
  });
});

test("every deviation is of a request that is asked, and is explained in docs/mlflow.md", () => {
  expect([...DEVIATIONS.keys()].filter((id) => !RECORDED.has(id))).toEqual([]);
  const page = readFileSync(join(import.meta.dirname, "../../../docs/mlflow.md"), "utf8");
  const unexplained = [...DEVIATIONS.values()].filter(
    ({ deviation }) => !page.includes(`\n| ${deviation} |`),
  );
  expect(unexplained).toEqual([]);
});
