import type { Memory, MemoryIdentity } from "../agent-memory/memory.ts";
import type { Clock } from "../core/clock.ts";
import type { Caller } from "./caller.ts";

/** Agent memory as the server has it: what embeds is started with the first request that needs it. */
export type MemoryAccess = Readonly<{
  clock: Clock;
  as(identity: MemoryIdentity): Promise<Memory>;
  /** Chores on the memories of every tenant, such as deleting what has expired. */
  upkeep(): Promise<void>;
  close(): Promise<void>;
}>;

/** The memory of who sent a request. */
export function memoryOf(
  { memory }: Readonly<{ memory: MemoryAccess }>,
  { tenant, agent, reach, actor }: Caller,
): Promise<Memory> {
  return memory.as({ tenant, agent, reach, actor });
}
