import type { Effects } from "../core/effects.ts";
import type { ServerProject } from "../pipelines/server-project.ts";
import { createCatalogue } from "../registry/catalogue.ts";
import type { McpServices } from "../server/mcp/services.ts";
import { type OpenedDatabase, openDatabase } from "../store/database.ts";
import { createExperiments } from "../tracking/experiments.ts";
import { createRuns } from "../tracking/runs.ts";

/**
 * The services of `duetmind mcp` on a database that is opened once, at first use. One that cannot be
 * opened is tried again at the next: the agent reads why, and the server goes on.
 */
export function createMcpParts(project: ServerProject, effects: Effects) {
  let opening: Promise<OpenedDatabase> | undefined;

  async function open(): Promise<OpenedDatabase> {
    const { root, env, database: params } = project;
    try {
      return await openDatabase({ root, env, params, effects });
    } catch (error) {
      opening = undefined;
      throw error;
    }
  }

  return {
    async services(): Promise<McpServices> {
      opening ??= open();
      const database = await opening;
      const { clock } = effects;
      const location = { artifactRoot: "mlflow-artifacts:", root: project.root };
      return {
        catalogue: createCatalogue(database),
        experiments: createExperiments(database, location, clock),
        runs: createRuns(database, clock),
      };
    },
    async close(): Promise<void> {
      const database = await opening?.catch(() => undefined);
      await database?.close();
    },
  };
}
