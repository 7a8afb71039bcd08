import { createMcpHandler, type McpHttpHandler } from "@modelcontextprotocol/server";
import type { Caller } from "../caller.ts";
import { createMcpServer } from "./create-mcp-server.ts";
import type { McpServices, ReportError } from "./services.ts";

/**
 * The protocol over streamable HTTP. It stands beside `createMcpServer` in what is loaded at the first
 * request: a package that is imported at once here and later there is two packages in the built command
 * line, and the handler of one refuses the server of the other.
 */
export function createHttpHandler(
  services: McpServices,
  maxRequestBodySize: number,
  report: ReportError,
  onerror: (error: Error) => void,
): McpHttpHandler {
  return createMcpHandler(
    ({ authInfo }) => createMcpServer(async () => services, authInfo!.extra as Caller, report),
    { maxRequestBodySize, onerror },
  );
}
