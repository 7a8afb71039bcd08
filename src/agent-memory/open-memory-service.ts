import type { Effects } from "../core/effects.ts";
import type { Environment } from "../core/environment.ts";
import type { OpenedDatabase } from "../store/database.ts";
import { openEmbedder } from "./embedding/embedder.ts";
import { extractiveSummary } from "./life-cycle/summarise.ts";
import { createMemoryService, type MemoryService } from "./memory-service.ts";
import type { MemoryParams } from "./params.ts";
import { environmentKeys } from "./privacy/memory-keys.ts";
import { openMemoryPrivacy } from "./privacy/memory-privacy.ts";

export type MemoryServiceOptions = Readonly<{
  /** One that is still being opened is waited for while the model is loaded. */
  database: OpenedDatabase | Promise<OpenedDatabase>;
  /** Folder of the project: the cache of the model is below it. */
  root: string;
  env: Environment;
  params: MemoryParams;
  effects: Effects;
  /** Is told what fails in the background; it is tried again in any case. */
  report: (error: unknown) => void;
  /** Opens the model at once, for who is going to embed: else it is opened with the first text. */
  willEmbed?: boolean;
}>;

/** Agent memory on a database that is open, with an embedder of its own that `close` ends too. */
export async function openMemoryService(options: MemoryServiceOptions): Promise<MemoryService> {
  const { params, effects, report } = options;
  const privacy = await openMemoryPrivacy({ params, keys: environmentKeys(options.env) });
  const isLazy = options.willEmbed !== true;
  const opening = openEmbedder({ ...options, params: params.embedding, isLazy });
  opening.catch(() => {}); // awaited below; the database may fail first
  const database = await Promise.resolve(options.database).catch(async (error: unknown) => {
    await (await opening.catch(() => undefined))?.close();
    throw error;
  });
  const embedder = await opening;
  const service = createMemoryService({
    ...{ database, embedder, params, privacy, effects, report },
    summarise: extractiveSummary,
  });
  return {
    ...service,
    async close() {
      await service.close();
      await embedder.close();
    },
  };
}
