import { once } from "node:events";
import { DuetMindError } from "../../core/errors.ts";
import { actorOf } from "../../pipelines/register-actor.ts";
import { loadServerProject } from "../../pipelines/server-project.ts";
import type { Caller } from "../../server/caller.ts";
import type { CommandDefinition } from "../command.ts";
import { createMcpParts } from "../mcp-parts.ts";
import { reportTo } from "../report-error.ts";

const HOST_CONFIGURATION = `
An agent's host starts this command itself. What most hosts take:
  {"mcpServers": {"duetmind": {"command": "npx", "args": ["duetmind", "mcp", "--project", "/path/to/project"]}}}

A running "duetmind serve" has the same tools at /mcp, over HTTP. See docs/mcp.md.`;

export const command: CommandDefinition = {
  name: "mcp",
  summary: "Serve the tools for agents over stdio, by the Model Context Protocol",
  examples: ["duetmind mcp", "duetmind mcp --project /path/to/project"],
  configure: (command) => {
    command
      .option("--project <folder>", "work there, not in the current folder")
      .option(
        "--tenant <name>",
        "whose memory the agent has; default: memory.tenant of params.yaml",
      )
      .option("--agent <name>", "as which agent of the tenant; default: memory.agent")
      .addHelpText("after", HOST_CONFIGURATION);
  },
  async run({ options }, { cwd, env, effects, json, log }) {
    if (json) {
      throw new DuetMindError("USAGE", "mcp: expected no --json: stdout is the protocol's");
    }
    const folder = (options["project"] as string | undefined) ?? cwd;
    const project = await loadServerProject(folder, env, effects);
    const report = reportTo(log);
    const parts = createMcpParts(project, effects, report);
    const { serveOverStdio } = await import("../../server/mcp/mcp-over-stdio.ts");
    const caller: Caller = {
      ...{ actor: actorOf(project.env), scope: "admin", reach: "agent" },
      tenant: (options["tenant"] as string | undefined) ?? project.memory.tenant,
      agent: (options["agent"] as string | undefined) ?? project.memory.agent,
    };
    const handle = serveOverStdio(parts.services, caller, report);
    parts.services().catch(report); // open when the first tool is called
    try {
      await Promise.race([once(process.stdin, "end"), once(effects.signal, "abort")]);
    } finally {
      await handle.close();
      await parts.close();
    }
    return { json: null, text: "" };
  },
};
