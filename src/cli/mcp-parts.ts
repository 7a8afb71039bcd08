import type { Effects } from "../core/effects.ts";
import { createIdempotentReplies } from "../events/idempotent-replies.ts";
import { createSeal } from "../events/seal-secret.ts";
import type { ServerProject } from "../pipelines/server-project.ts";
import { createCatalogue } from "../registry/catalogue.ts";
import type { McpServices } from "../server/mcp/services.ts";
import { type OpenedDatabase, openDatabase } from "../store/database.ts";
import { createExperiments } from "../tracking/experiments.ts";
import { createRuns } from "../tracking/runs.ts";
import { createMemoryAccess } from "./memory-access.ts";

type Opened = Readonly<{ database: OpenedDatabase; services: McpServices }>;

/**
 * The services of `duetmind mcp` on a database that is opened once, at first use. One that cannot be
 * opened is tried again at the next: the agent reads why, and the server goes on.
 */
export function createMcpParts(
  project: ServerProject,
  effects: Effects,
  report: (error: unknown) => void,
) {
  const { root, env } = project;
  let opening: Promise<Opened> | undefined;

  async function open(): Promise<Opened> {
    const options = { root, env, params: project.database, effects };
    const database = await openDatabase(options).catch((error: unknown) => {
      opening = undefined;
      throw error;
    });
    const { clock } = effects;
    const location = { artifactRoot: "mlflow-artifacts:", root };
    const services = {
      catalogue: createCatalogue(database),
      experiments: createExperiments(database, location, clock),
      runs: createRuns(database, clock),
      idempotentReplies: createIdempotentReplies(database, createSeal(root, env, effects), clock),
      memory: createMemoryAccess({
        ...{ database, root, env, effects, report },
        params: project.memory,
      }),
    };
    return { database, services };
  }

  return {
    async services(): Promise<McpServices> {
      opening ??= open();
      return (await opening).services;
    },
    async close(): Promise<void> {
      const opened = await opening?.catch(() => undefined);
      await opened?.services.memory.close();
      await opened?.database.close();
    },
  };
}
