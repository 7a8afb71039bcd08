import { linkSimilar } from "../../src/agent-memory/associations/link-similar.ts";
import { countTasks } from "../../src/agent-memory/associations/task-queries.ts";
import { extractiveSummary } from "../../src/agent-memory/life-cycle/summarise.ts";
import type { Memory, MemoryIdentity } from "../../src/agent-memory/memory.ts";
import type { MemoryParts } from "../../src/agent-memory/memory-parts.ts";
import { createMemoryService, type MemoryService } from "../../src/agent-memory/memory-service.ts";
import { memoryParams } from "../../src/agent-memory/params.ts";
import { NO_PRIVACY } from "../../src/agent-memory/privacy/memory-privacy.ts";
import { UPKEEP, within } from "../../src/agent-memory/within.ts";
import type { OpenedDatabase } from "../../src/store/database.ts";
import { atEnd, testDatabase } from "../support/database.ts";
import { heldClock } from "../support/held-clock.ts";
import { wordEmbedder } from "./word-embedder.ts";

export type MemoryTestBed = Readonly<{
  database: OpenedDatabase;
  embedder: ReturnType<typeof wordEmbedder>;
  service: MemoryService;
  /** What the service works with; `faults` are what it reported. */
  parts: MemoryParts;
  faults: readonly unknown[];
  clock: ReturnType<typeof heldClock>;
  /** Agent "ann" of tenant "acme" unless said otherwise. */
  as(identity?: Partial<MemoryIdentity>): Memory;
}>;

/** A database of its own, with a clock that stands still and an embedder that is quick. */
export async function memoryTestBed(
  settings: unknown = {},
  other: Partial<MemoryParts> = {},
): Promise<MemoryTestBed> {
  const database = await testDatabase();
  const clock = heldClock("2026-03-01T12:00:00Z");
  const embedder = wordEmbedder();
  const params = memoryParams.parse(settings);
  const faults: unknown[] = [];
  const report = (error: unknown) => void faults.push(error);
  const parts: MemoryParts = {
    ...{ database, embedder, params, effects: { clock }, report },
    ...{ privacy: NO_PRIVACY, summarise: extractiveSummary, ...other },
  };
  const service = createMemoryService(parts);
  atEnd(() => service.close());
  const ann = { tenant: "acme", agent: "ann", reach: "agent", actor: "tester" } as const;
  return {
    database,
    embedder,
    service,
    parts,
    faults,
    clock,
    as: (other = {}) => service.as({ ...ann, ...other }),
  };
}

/** Ends when no memory waits for its links: another worker may be at them. */
export async function allLinked({ parts }: MemoryTestBed): Promise<void> {
  const signal = new AbortController().signal;
  do await linkSimilar(parts, signal);
  while ((await within(parts.database, { identity: UPKEEP, at: null }, countTasks)) > 0);
}
