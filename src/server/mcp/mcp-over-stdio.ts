import { serveStdio } from "@modelcontextprotocol/server/stdio";
import type { Caller } from "../caller.ts";
import { createMcpServer } from "./create-mcp-server.ts";
import type { Reach, ReportError } from "./services.ts";

/** The protocol over stdin and stdout, for one caller; loaded with the server as in mcp-over-http.ts. */
export function serveOverStdio(
  reach: Reach,
  caller: Caller,
  report: ReportError,
): ReturnType<typeof serveStdio> {
  return serveStdio(() => createMcpServer(reach, caller, report), {
    onerror: (error) => report(error, "mcp"),
  });
}
