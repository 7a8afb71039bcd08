import { expect, test } from "vitest";
import { temporaryFolder, testDatabaseEnv } from "../../support/database.ts";
import {
  connectHttp,
  connectInProcess,
  connectStdio,
  ERAS,
  type McpClient,
} from "../../support/mcp-client.ts";
import { runIn } from "../../support/run-cli.ts";
import { serve } from "../../support/served.ts";
import { testServer } from "../../support/server.ts";

const TOOLS = expect.arrayContaining(["list_models", "list_memories", "search_runs"]);

const INITIALIZE = {
  ...{ jsonrpc: "2.0", id: 1, method: "initialize" },
  params: {
    protocolVersion: "2025-06-18",
    capabilities: {},
    clientInfo: { name: "by hand", version: "1" },
  },
};
const ACCEPT = { accept: "application/json, text/event-stream" };

const open = await testServer();

/** An agent stores two memories, finds one, associates them and forgets one: with the real model. */
async function remembers(call: McpClient["call"]): Promise<void> {
  const store = async (content: string) => {
    const reply = await call("store_memory", { session_id: "case 7", content });
    expect(reply.isError, reply.text).toBe(false);
    return reply.data["id"] as string;
  };
  const scan = await store("Ann: the scan is on Friday");
  const risk = await store("APOE4 raises the risk of Alzheimer's disease");
  const query = "which gene makes dementia more likely?";
  const found = await call("retrieve_memories", { session_id: "case 7", query, limit: 1 });
  expect(found.data["memories"]).toMatchObject([{ id: risk }]);
  const link = { from: risk, to: scan, relation: "causal", weight: 0.6 };
  expect((await call("associate_memories", link)).isError).toBe(false);
  const related = await call("related_memories", { id: risk, relations: ["causal"] });
  expect(related.data["memories"]).toMatchObject([{ id: scan, strength: 0.6 }]);
  const gone = await call("forget_memory", { id: risk, mode: "hard" });
  expect(gone.data).toMatchObject({ forgotten: 1 });
  const left = await call("retrieve_memories", { session_id: "case 7", query });
  expect((left.data["memories"] as { id: string }[]).map(({ id }) => id)).toEqual([scan]);
}

test("over HTTP a key's caller is served, and a key is needed once there is one", async () => {
  const { app, send, services } = await testServer();
  expect((await send("POST", "/mcp", INITIALIZE, ACCEPT)).status).toBe(200);
  const { key } = await services.apiKeys.create(
    { name: "agent", scope: "read", expiresAt: null },
    "tester",
  );
  const refused = await send("POST", "/mcp", INITIALIZE, ACCEPT);
  expect(refused).toMatchObject({ status: 401, headers: { "www-authenticate": "Bearer" } });
  expect(refused.json()).toMatchObject({ code: "UNAUTHENTICATED" });
  const { client, call } = await connectInProcess(app, key);
  expect(client.getServerVersion()).toMatchObject({ name: "duetmind" });
  expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(TOOLS);
  expect((await call("list_models")).data).toEqual({ models: [], next_cursor: null });
});

test.each([
  ["another site's page", { origin: "https://evil.example" }, 403],
  ["a name that leads here", { host: "evil.example" }, 403],
  ["a body that is no JSON", { "content-type": "text/plain" }, 415],
  ["a client that takes no JSON", { accept: "text/html" }, 406],
])("%s is refused", async (_who, headers, status) => {
  const { send } = open;
  const all = { ...ACCEPT, "content-type": "application/json", ...headers };
  expect(await send("POST", "/mcp", JSON.stringify(INITIALIZE), all)).toMatchObject({ status });
});

test.each([
  ["broken JSON", "{", 400],
  ["an empty body", "", 400],
  ["a number", "1", 400],
  ["no message", '{"a":1}', 400],
  ["too much", `"${"x".repeat(4 * 2 ** 20)}"`, 413],
])("%s as a message is refused, and the server goes on", async (_what, body, status) => {
  const { send, log } = open;
  const headers = { ...ACCEPT, "content-type": "application/json" };
  expect(await send("POST", "/mcp", body, headers)).toMatchObject({ status });
  expect((await send("POST", "/mcp", INITIALIZE, ACCEPT)).status).toBe(200);
  expect(log.filter((line) => JSON.parse(line).level >= 50)).toEqual([]);
});

test("there is no stream to open and no session to end: each request stands alone", async () => {
  const { send } = open;
  expect((await send("GET", "/mcp", undefined, { accept: "text/event-stream" })).status).toBe(405);
  expect((await send("DELETE", "/mcp")).status).toBe(405);
});

test.each(ERAS)("the served command speaks the protocol over a socket (%s)", async (era) => {
  const folder = temporaryFolder();
  const server = await serve(folder, [], await testDatabaseEnv());
  const { client, call } = await connectHttp(server.url, undefined, era);
  expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(TOOLS);
  expect((await call("search_runs")).data).toEqual({ runs: [], next_cursor: null });
  expect((await call("show_run", {})).isError).toBe(true);
  await remembers(call);
  await client.close();
  expect(await server.stop()).toBe(0);
});

test.each(ERAS)("the command speaks the protocol over stdio (%s)", async (era) => {
  const { client, call } = await connectStdio(temporaryFolder(), await testDatabaseEnv(), era);
  expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(TOOLS);
  expect((await call("search_runs")).data).toEqual({ runs: [], next_cursor: null });
  expect((await call("show_run", {})).isError).toBe(true);
  await remembers(call);
  await client.close();
});

test("a command's own words never reach the protocol's stdout", async () => {
  const run = await runIn(temporaryFolder(), ["mcp", "--json"]);
  expect(run.exitCode).toBe(2);
  expect(run.json()).toMatchObject({ error: { code: "USAGE" } });
});
