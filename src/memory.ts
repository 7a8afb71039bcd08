/**
 * Memory for agents as a library: `import { openMemory } from "duetmind/memory"`.
 *
 *     const memory = await openMemory();
 *     const id = await memory.storeMemory({ sessionId, content: "High MMSE but APOE4 genotype", importance: 0.8 });
 *     const hits = await memory.retrieveMemories({ sessionId, query: "APOE4 risk factors", limit: 5 });
 *     await memory.close();
 */
import { cwd, env as processEnvironment } from "node:process";
import { createCalls } from "./agent-memory/calls.ts";
import type { Memory, MemoryIdentity } from "./agent-memory/memory.ts";
import { openMemoryService } from "./agent-memory/open-memory-service.ts";
import { parseIdentity } from "./agent-memory/parse-memory.ts";
import { type Effects, realEffects } from "./core/effects.ts";
import type { Environment } from "./core/environment.ts";
import { loadServerProject } from "./pipelines/server-project.ts";
import { openDatabase } from "./store/database.ts";

export type * from "./agent-memory/memory.ts";
export { DuetMindError, ERROR_CODES, type ErrorCode } from "./core/errors.ts";

export type OpenMemoryOptions = Readonly<{
  /** A project or any folder; the current one unless given. What is stored goes to its .duetmind. */
  root?: string;
  /** Whose memory it is; `memory.tenant` and `memory.agent` of params.yaml unless given. */
  tenant?: string;
  agent?: string;
  /** How far it sees: every session of the agent unless given. */
  reach?: MemoryIdentity["reach"];
  /** Whom the audit names; the agent unless given. */
  actor?: string;
  /** For DATABASE_URL and other settings; the process's unless given. */
  env?: Environment;
  effects?: Effects;
}>;

export type OpenMemory = Memory &
  Readonly<{
    /** The same memory as another agent, tenant or reach. */
    as(identity: Partial<MemoryIdentity>): Memory;
    /**
     * Lets calls that have begun end, then background work, and gives the database to the next process.
     * Calls after it are INTERRUPTED, and so is the next line of an export.
     */
    close(): Promise<void>;
  }>;

/** Opens the memory of a folder: in its embedded database, or in PostgreSQL where DATABASE_URL says so. */
export async function openMemory(options: OpenMemoryOptions = {}): Promise<OpenMemory> {
  // as every public function, with the real ones where none are passed
  const { env = processEnvironment, effects = realEffects } = options;
  const project = await loadServerProject(options.root ?? cwd(), env, effects);
  const { root, memory: params } = project;
  const agent = options.agent ?? params.agent;
  const identity = parseIdentity({
    ...{ tenant: options.tenant ?? params.tenant, agent, reach: options.reach ?? "agent" },
    actor: options.actor ?? agent,
  });
  const database = await openDatabase({
    ...{ root, env: project.env, params: project.database, effects },
  });
  const report = (error: unknown) =>
    effects.progress.note(`warning: memory: ${error instanceof Error ? error.message : error}`);
  const service = await openMemoryService({
    ...{ database, root, env: project.env, params, effects, report, willEmbed: true },
  }).catch(async (error: unknown) => {
    await database.close();
    throw error;
  });
  const upkeep = service.upkeep().catch(report);
  let closing: Promise<void> | undefined;
  const calls = createCalls();
  const as = (who: MemoryIdentity) => calls.of(service.as(who));
  async function close(): Promise<void> {
    await calls.close();
    await upkeep;
    await service.close();
    await database.close();
  }
  return {
    ...as(identity),
    as: (other) => as({ ...identity, ...other }),
    close() {
      closing ??= close();
      return closing;
    },
  };
}
