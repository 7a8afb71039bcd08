import type { Memory, MemoryIdentity } from "../../src/agent-memory/memory.ts";
import { createMemoryService, type MemoryService } from "../../src/agent-memory/memory-service.ts";
import { memoryParams } from "../../src/agent-memory/params.ts";
import type { OpenedDatabase } from "../../src/store/database.ts";
import { testDatabase } from "../support/database.ts";
import { heldClock } from "../support/held-clock.ts";
import { wordEmbedder } from "./word-embedder.ts";

export type MemoryTestBed = Readonly<{
  database: OpenedDatabase;
  embedder: ReturnType<typeof wordEmbedder>;
  service: MemoryService;
  clock: ReturnType<typeof heldClock>;
  /** Agent "ann" of tenant "acme" unless said otherwise. */
  as(identity?: Partial<MemoryIdentity>): Memory;
}>;

/** A database of its own, with a clock that stands still and an embedder that is quick. */
export async function memoryTestBed(): Promise<MemoryTestBed> {
  const database = await testDatabase();
  const clock = heldClock("2026-03-01T12:00:00Z");
  const embedder = wordEmbedder();
  const params = memoryParams.parse({});
  const service = createMemoryService({ database, embedder, params, effects: { clock } });
  const ann = { tenant: "acme", agent: "ann", reach: "agent", actor: "tester" } as const;
  return {
    database,
    embedder,
    service,
    clock,
    as: (other = {}) => service.as({ ...ann, ...other }),
  };
}
