import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { temporaryFolder, testDatabaseEnv } from "../support/database.ts";
import { serve } from "../support/served.ts";
import { cacheFolder } from "./cache-folder.ts";

/** The first generation of the protocol's own client, which most hosts have: 98 packages, so no dependency. */
const SDK = "@modelcontextprotocol/sdk";
const VERSION = "1.32.2";
const BIN = join(import.meta.dirname, "..", "..", "bin", "duetmind.js");

type Result = Readonly<{
  isError?: boolean;
  content: readonly Readonly<{ type: string; text: string }>[];
  structuredContent: Record<string, unknown>;
}>;
type Client = Readonly<{
  connect(transport: object): Promise<void>;
  listTools(): Promise<{ tools: { name: string }[] }>;
  callTool(call: { name: string; arguments: object }): Promise<Result>;
  getServerVersion(): { name: string };
  close(): Promise<void>;
}>;

function installedSdk(): string {
  const folder = cacheFolder("npm", `mcp-sdk-${VERSION}`);
  const client = join(folder, "node_modules", SDK, "dist", "esm", "client");
  if (!existsSync(join(client, "index.js"))) {
    const install = ["install", "--prefix", folder, "--no-save", `${SDK}@${VERSION}`];
    const { status, stderr } = spawnSync("npm", install, { encoding: "utf8" });
    if (status !== 0) throw new Error(`${SDK}@${VERSION}: exit ${status}\n${stderr}`);
  }
  return client;
}

const sdk = installedSdk();
const load = async <T>(file: string) => (await import(pathToFileURL(join(sdk, file)).href)) as T;
const { Client } = await load<{ Client: new (info: object) => Client }>("index.js");
const { StdioClientTransport } = await load<{
  StdioClientTransport: new (options: object) => object;
}>("stdio.js");
const { StreamableHTTPClientTransport } = await load<{
  StreamableHTTPClientTransport: new (url: URL) => object;
}>("streamableHttp.js");

/** Stores, retrieves, associates and forgets; the client checks each result against the tool's schema. */
async function remembers(transport: object): Promise<void> {
  const client = new Client({ name: "tests", version: "1.0.0" });
  await client.connect(transport);
  try {
    expect(client.getServerVersion()).toMatchObject({ name: "duetmind" });
    const names = (await client.listTools()).tools.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(["store_memory", "search_runs"]));
    const call = async (name: string, args: object) => {
      const result = await client.callTool({ name, arguments: args });
      expect(result.isError ?? false, result.content[0]?.text).toBe(false);
      return result.structuredContent;
    };
    const store = async (content: string) =>
      (await call("store_memory", { session_id: "case 7", content }))["id"] as string;
    const scan = await store("Ann: the scan is on Friday");
    const risk = await store("APOE4 raises the risk of Alzheimer's disease");
    const asked = { session_id: "case 7", query: "which gene makes dementia more likely?" };
    const found = await call("retrieve_memories", { ...asked, limit: 1 });
    expect(found["memories"]).toMatchObject([{ id: risk }]);
    const link = { from: risk, to: scan, relation: "causal", weight: 0.6 };
    expect((await call("associate_memories", link))["association"]).toMatchObject({
      ...{ from: risk, to: scan, strength: 0.6 },
    });
    const related = await call("related_memories", { id: risk, relations: ["causal"] });
    expect(related["memories"]).toMatchObject([{ id: scan, strength: 0.6 }]);
    expect(await call("forget_memory", { id: risk, mode: "hard" })).toMatchObject({ forgotten: 1 });
    const left = (await call("retrieve_memories", asked))["memories"] as { id: string }[];
    expect(left.map(({ id }) => id)).toEqual([scan]);
    const gone = await client.callTool({ name: "get_memory", arguments: { id: risk } });
    expect(gone).toMatchObject({
      isError: true,
      content: [{ text: expect.stringMatching(/^NOT_FOUND/) }],
    });
  } finally {
    await client.close();
  }
}

test("the client of the first SDK completes a session over stdio", async () => {
  const env = { ...process.env, ...(await testDatabaseEnv()) };
  await remembers(
    new StdioClientTransport({
      ...{ command: process.execPath, args: [BIN, "mcp"], cwd: temporaryFolder(), env },
      stderr: "pipe",
    }),
  );
});

test("the client of the first SDK completes a session over HTTP", async () => {
  const server = await serve(temporaryFolder(), [], await testDatabaseEnv());
  await remembers(new StreamableHTTPClientTransport(new URL(`${server.url}/mcp`)));
  expect(await server.stop()).toBe(0);
});
