import { type Command, Option } from "commander";
import type { Memory } from "../agent-memory/memory.ts";
import { openMemoryService } from "../agent-memory/open-memory-service.ts";
import { actorOf } from "../pipelines/register-actor.ts";
import { loadServerProject } from "../pipelines/server-project.ts";
import { openDatabase } from "../store/database.ts";
import type { CliContext } from "./context.ts";
import { reportTo } from "./report-error.ts";

type Options = Readonly<Record<string, unknown>>;

/** Whose memory a command works on. */
export function memoryOptions(command: Command): Command {
  return command
    .option("--tenant <name>", "whose memory; default: memory.tenant of params.yaml")
    .option("--agent <name>", "as which agent of the tenant; default: memory.agent");
}

/** For commands of operators. */
export function allAgentsOption(): Option {
  return new Option("--all-agents", "of every agent of the tenant, not of one");
}

/** Opens the memory that the options name, embedded or on a server, and closes it whatever happens. */
export function withMemory<T>(
  options: Options,
  context: CliContext,
  run: (memory: Memory) => Promise<T>,
): Promise<T> {
  return openAndRun(options, context, run, false);
}

/**
 * As withMemory, for commands that store or search: the model is loaded while the database is opened,
 * and the short chores are done behind them, for no server may ever run here.
 */
export function withEmbedding<T>(
  options: Options,
  context: CliContext,
  run: (memory: Memory) => Promise<T>,
): Promise<T> {
  return openAndRun(options, context, run, true);
}

async function openAndRun<T>(
  options: Options,
  { cwd, env, effects, log }: CliContext,
  run: (memory: Memory) => Promise<T>,
  willEmbed: boolean,
): Promise<T> {
  const project = await loadServerProject(cwd, env, effects);
  const { root, database: params } = project;
  const opening = openDatabase({ root, env: project.env, params, effects });
  opening.catch(() => {}); // told where it is awaited
  try {
    const service = await openMemoryService({
      ...{ database: opening, root, env: project.env, params: project.memory, effects },
      ...{ report: reportTo(log), willEmbed },
    });
    try {
      const memory = service.as({
        tenant: (options["tenant"] as string | undefined) ?? project.memory.tenant,
        agent: (options["agent"] as string | undefined) ?? project.memory.agent,
        reach: options["allAgents"] === true ? "tenant" : "agent",
        actor: actorOf(project.env),
      });
      const result = await run(memory);
      if (willEmbed) await service.tidy().catch(reportTo(log)); // what was run has succeeded
      return result;
    } finally {
      await service.close();
    }
  } finally {
    await (await opening.catch(() => undefined))?.close();
  }
}
