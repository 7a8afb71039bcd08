import { join } from "node:path";
import {
  Client,
  StreamableHTTPClientTransport,
  type Transport,
} from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import type { FastifyInstance } from "fastify";
import type { Environment } from "../../src/core/environment.ts";
import { atEnd } from "./database.ts";

const BIN = join(import.meta.dirname, "..", "..", "bin", "duetmind.js");

/** `legacy` speaks the protocol of 2025, `auto` that of 2026. */
export type Era = "legacy" | "auto";
export const ERAS: readonly Era[] = ["legacy", "auto"];

export type ToolReply = Readonly<{
  isError: boolean;
  /** The text of an error, or the first text of a result. */
  text: string;
  texts: readonly string[];
  data: Record<string, unknown>;
}>;

export type McpClient = Readonly<{
  client: Client;
  call(name: string, args?: Readonly<Record<string, unknown>>): Promise<ToolReply>;
}>;

async function connect(transport: Transport, era: Era): Promise<McpClient> {
  const options = { versionNegotiation: { mode: era } };
  const client = new Client({ name: "tests", version: "1.0.0" }, options);
  await client.connect(transport);
  atEnd(() => client.close());
  return {
    client,
    async call(name, args = {}) {
      const result = await client.callTool({ name, arguments: { ...args } });
      const texts = result.content.map((each) => (each.type === "text" ? each.text : ""));
      return {
        isError: result.isError === true,
        text: texts[0]!,
        texts,
        data: (result.structuredContent ?? {}) as Record<string, unknown>,
      };
    },
  };
}

/** The official client on a server of this process, asked without a socket. */
export function connectInProcess(app: FastifyInstance, key?: string, era: Era = "legacy") {
  const fetch: typeof globalThis.fetch = async (url, init = {}) => {
    const reply = await app.inject({
      method: (init.method ?? "GET") as "POST",
      url: new URL(String(url)).pathname,
      headers: { host: "localhost", ...Object.fromEntries(new Headers(init.headers)) },
      ...(init.body ? { payload: init.body as string } : {}),
    });
    const empty = [204, 202, 304].includes(reply.statusCode);
    const headers = reply.headers as Record<string, string>;
    return new Response(empty ? null : reply.body, { status: reply.statusCode, headers });
  };
  return connect(httpTransport("http://localhost/mcp", key, fetch), era);
}

/** The official client over a socket. */
export function connectHttp(url: string, key?: string, era: Era = "legacy") {
  return connect(httpTransport(`${url}/mcp`, key), era);
}

function httpTransport(url: string, key?: string, fetch?: typeof globalThis.fetch): Transport {
  const headers = key === undefined ? {} : { authorization: `Bearer ${key}` };
  const options = { requestInit: { headers }, ...(fetch === undefined ? {} : { fetch }) };
  return new StreamableHTTPClientTransport(new URL(url), options);
}

/** The official client on the built `duetmind mcp`, which it starts and ends. */
export function connectStdio(cwd: string, env: Environment = {}, era: Era = "legacy") {
  const given = Object.entries({ ...process.env, ...env }).filter(([, value]) => value);
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [BIN, "mcp"],
    cwd,
    env: Object.fromEntries(given) as Record<string, string>,
    stderr: "pipe",
  });
  return connect(transport, era);
}
