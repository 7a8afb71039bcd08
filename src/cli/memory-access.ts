import type { MemoryService } from "../agent-memory/memory-service.ts";
import {
  type MemoryServiceOptions,
  openMemoryService,
} from "../agent-memory/open-memory-service.ts";
import { purgeMemories } from "../agent-memory/purge-memories.ts";
import type { MemoryAccess } from "../server/memory-services.ts";
import type { OpenedDatabase } from "../store/database.ts";

/**
 * Agent memory that is opened with the first call: a server that no agent asks loads no model. What
 * cannot be opened is tried again at the next call.
 */
export function createMemoryAccess(
  options: MemoryServiceOptions & Readonly<{ database: OpenedDatabase }>,
): MemoryAccess {
  let opening: Promise<MemoryService> | undefined;

  async function service(): Promise<MemoryService> {
    opening ??= openMemoryService(options);
    try {
      return await opening;
    } catch (error) {
      opening = undefined;
      throw error;
    }
  }

  return {
    clock: options.effects.clock,
    as: async (identity) => (await service()).as(identity),
    async upkeep() {
      await (opening === undefined ? purgeMemories(options) : (await service()).upkeep());
    },
    async close() {
      await (await opening?.catch(() => undefined))?.close();
    },
  };
}
