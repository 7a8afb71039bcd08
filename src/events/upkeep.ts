import type { Clock } from "../core/clock.ts";

/** Something that holds rows for a time only. */
export type Forgetful = Readonly<{ forgetOld(): Promise<number> }>;

export type Upkeep = Readonly<{ start(): void; close(): Promise<void> }>;

const EVERY_MS = 3_600_000;

/** Takes away, every hour, what is kept for a day: events that were told, replies that were given. */
export function createUpkeep(
  things: readonly Forgetful[],
  clock: Clock,
  report: (error: unknown) => void,
): Upkeep {
  const stopping = new AbortController();
  let running: Promise<void> | undefined;

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      for (const thing of things) await thing.forgetOld().catch(report);
      await clock.sleep(EVERY_MS, stopping.signal);
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
