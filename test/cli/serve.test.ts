import { existsSync, readFileSync, statSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import pg from "pg";
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
    sql: expect.objectContaining({ host: "127.0.0.1", database: "duetmind_mlops" }),
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
  // closed or reset: either is how a connection ends whose server stops
  idle.on("error", () => {});
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

test("SQL clients with the password see the running server's rows; others see nothing", async () => {
  const folder = temporaryFolder();
  const server = await serve(folder, [], { DUETMIND_DIR: join(folder, "state") });
  const { port, password_file } = server.started["sql"] as { port: number; password_file: string };
  expect(password_file).toBe(join(folder, "state", "pgpass"));
  expect(statSync(password_file).mode & 0o777).toBe(0o600);
  const password = readFileSync(password_file, "utf8").split("\n")[0]!.split(":").at(-1)!;
  const client = (given: string) =>
    new pg.Client({
      host: "127.0.0.1",
      port,
      user: "anybody",
      database: "duetmind_mlops",
      password: given,
    });
  const known = client(password);
  await known.connect();
  await fetch(`${server.url}/api/2.0/mlflow/experiments/create`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: '{"name":"seen by psql"}',
  });
  const { rows } = await known.query("SELECT name, current_user FROM experiments ORDER BY 1");
  expect(rows).toEqual([
    { name: "Default", current_user: "duetmind_client" },
    { name: "seen by psql", current_user: "duetmind_client" },
  ]);
  await expect(known.query("DROP TABLE experiments")).rejects.toThrow(/must be owner/);
  await known.end();
  for (const wrong of ["", `${password}x`]) {
    await expect(client(wrong).connect()).rejects.toThrow(/password/i);
  }
  await server.stop();
  expect(existsSync(password_file)).toBe(false);
});

test("another address than this machine's needs a key first, and says how to make one", async () => {
  const folder = temporaryFolder();
  const pattern = await runIn(folder, ["serve", "--port", "0", "--allowed-sources", "s3://("]);
  expect([pattern.exitCode, pattern.stderr]).toEqual([
    2,
    expect.stringContaining("--allowed-sources: expected a regular expression"),
  ]);
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
