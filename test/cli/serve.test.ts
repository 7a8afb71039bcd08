import { connect } from "node:net";
import { expect, test } from "vitest";
import { temporaryFolder } from "../support/database.ts";
import { runIn } from "../support/run-cli.ts";
import { serve } from "../support/served.ts";

test("the built command serves an empty folder, shares its database, and stops when told", async () => {
  const folder = temporaryFolder();
  const server = await serve(folder);
  expect(server.started).toEqual({
    schema_version: 1,
    url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
    database: "embedded",
  });
  expect(await (await fetch(`${server.url}/health`)).text()).toBe("OK");
  const made = await runIn(folder, ["api-keys", "create", "ci", "--scope", "write", "--json"]);
  const { key } = made.json<{ key: string }>();
  const post = (authorization: string) =>
    fetch(`${server.url}/api/2.0/mlflow/experiments/create`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization },
      body: '{"name":"by key"}',
    });
  expect((await post(`Bearer ${key}`)).status).toBe(200);
  expect((await post("Bearer dm_wrong")).status).toBe(401);
  // a client that keeps its connection open does not keep the server from stopping
  const idle = connect(Number(new URL(server.url).port), "127.0.0.1");
  expect(await server.stop()).toBe(0);
  idle.destroy();
  const again = await serve(folder);
  const reply = await fetch(
    `${again.url}/api/2.0/mlflow/experiments/get-by-name?experiment_name=by%20key`,
    { headers: { authorization: `Bearer ${key}` } },
  );
  expect(reply.status).toBe(200);
  expect(await again.stop("SIGINT")).toBe(0);
});

test("another address than this machine's needs a key first, and says how to make one", async () => {
  const folder = temporaryFolder();
  const refused = await runIn(folder, ["serve", "--host", "0.0.0.0", "--port", "0", "--json"]);
  expect(refused.exitCode).toBe(2);
  expect(refused.json<{ error: { hint: string } }>().error.hint).toContain(
    "duetmind api-keys create",
  );
});

test("a port that is taken is said by its number", async () => {
  const folder = temporaryFolder();
  const first = await serve(folder);
  const { port } = new URL(first.url);
  const second = await runIn(temporaryFolder(), ["serve", "--port", port]);
  expect(second.exitCode).toBe(2);
  expect(second.stderr).toContain(`127.0.0.1:${port}: expected a free address`);
  await first.stop();
});
