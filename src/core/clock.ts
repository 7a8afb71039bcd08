import { setTimeout as pause } from "node:timers/promises";

/** The time, passed in so that a test can hold it. */
export type Clock = Readonly<{
  now(): Date;
  /** Resolves after so long, or as soon as the signal aborts. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  /** Calls `ring` after so long, unless the function it returns is called before. */
  after(ms: number, ring: () => void): () => void;
}>;

export const systemClock: Clock = {
  now: () => new Date(),
  // the timer rejects for one reason only: the signal
  sleep: (ms, signal) => pause(ms, undefined, { signal }).catch(() => {}),
  after(ms, ring) {
    const timer = setTimeout(ring, ms);
    return () => clearTimeout(timer);
  },
};

/** A clock that stands still at one moment: nothing has to be waited for, and no alarm rings. */
export function fixedClock(iso: string): Clock {
  return { now: () => new Date(iso), sleep: async () => {}, after: () => () => {} };
}
