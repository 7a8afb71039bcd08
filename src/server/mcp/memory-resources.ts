import {
  type McpServer,
  ResourceNotFoundError,
  ResourceTemplate,
} from "@modelcontextprotocol/server";
import type { Memory } from "../../agent-memory/memory.ts";
import { toMemoryJson } from "../../agent-memory/memory-json.ts";
import { toJsonText } from "../../core/json-text.ts";
import type { Caller } from "../caller.ts";
import { memoryOf } from "../memory-services.ts";
import { toClientError } from "../respond.ts";
import { toMemoryItem } from "./memory-item.ts";
import type { Reach, ReportError } from "./services.ts";
import { countWithin, cutText, MAX_TOKENS } from "./token-budget.ts";

const JSON_TYPE = "application/json";
const MOST_SESSIONS = 100;
const MOST_MEMORIES = 100;

/** `memory://sessions/{id}` and `memory://memories/{id}`: what a host may put into a conversation itself. */
export function addMemoryResources(
  server: McpServer,
  caller: Caller,
  reach: Reach,
  report: ReportError,
): void {
  const open = async () => memoryOf(await reach(), caller);

  /** Reads for a host, which has an error of the protocol where a tool has a result. */
  async function read(uri: URL, body: (memory: Memory) => Promise<unknown>) {
    try {
      const text = toJsonText(await body(await open()));
      return { contents: [{ uri: uri.href, mimeType: JSON_TYPE, text }] };
    } catch (error) {
      const known = toClientError(error, (message) => report(error, message));
      throw new ResourceNotFoundError(uri.href, `${known.code}: ${known.message}`);
    }
  }

  server.registerResource(
    "session",
    new ResourceTemplate("memory://sessions/{id}", {
      async list() {
        const { items } = await (await open()).listSessions({ limit: MOST_SESSIONS });
        const resources = items.map(({ sessionId, memories }) => ({
          uri: `memory://sessions/${encodeURIComponent(sessionId)}`,
          name: sessionId,
          description: `${memories} memories`,
          mimeType: JSON_TYPE,
        }));
        return { resources };
      },
    }),
    { title: "Session", description: "The latest memories of a session", mimeType: JSON_TYPE },
    (uri, { id }) =>
      read(uri, async (memory) => {
        const sessionId = decodeURIComponent(String(id));
        const { items } = await memory.listMemories({ sessionId, limit: MOST_MEMORIES });
        const memories = items.map(toMemoryItem);
        return {
          session_id: sessionId,
          memories: memories.slice(0, countWithin(memories, MAX_TOKENS)),
        };
      }),
  );
  server.registerResource(
    "memory",
    new ResourceTemplate("memory://memories/{id}", { list: undefined }),
    { title: "Memory", description: "A memory", mimeType: JSON_TYPE },
    (uri, { id }) =>
      read(uri, async (memory) => {
        const found = toMemoryJson(await memory.getMemory(String(id)));
        return { ...found, content: cutText(found.content, MAX_TOKENS) };
      }),
  );
}
