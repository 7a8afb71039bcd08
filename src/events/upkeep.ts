import type { Clock } from "../core/clock.ts";

export type Upkeep = Readonly<{ start(): void; close(): Promise<void> }>;

/** Does chores at once and then again and again; one that fails is reported, and done the next time. */
export function createUpkeep(
  chores: readonly (() => Promise<unknown>)[],
  everyMs: number,
  clock: Clock,
  report: (error: unknown) => void,
): Upkeep {
  const stopping = new AbortController();
  let running: Promise<void> | undefined;

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      for (const chore of chores) await chore().catch(report);
      await clock.sleep(everyMs, stopping.signal);
    }
  }

  return {
    start() {
      running ??= run();
    },
    async close() {
      stopping.abort();
      await running;
    },
  };
}
