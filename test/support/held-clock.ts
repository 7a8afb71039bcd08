import type { Clock } from "../../src/core/clock.ts";

/** A clock that moves only when something sleeps on it, and whose alarms ring when the test says so. */
export type HeldClock = Clock &
  Readonly<{
    /** Every sleep so far, in milliseconds. */
    slept: readonly number[];
    /** Rings the alarm of exactly this length, now or as soon as it is set. */
    ring(ms: number): void;
  }>;

export function heldClock(iso: string): HeldClock {
  let nowMs = Date.parse(iso);
  const slept: number[] = [];
  const alarms = new Map<() => void, number>();
  const wanted = new Set<number>();

  function ringWanted(): void {
    for (const [ring, ms] of alarms) {
      if (!wanted.has(ms)) continue;
      wanted.delete(ms);
      alarms.delete(ring);
      nowMs += ms;
      ring();
    }
  }

  return {
    slept,
    now: () => new Date(nowMs),
    async sleep(ms, signal) {
      if (signal.aborted) return;
      slept.push(ms);
      nowMs += ms;
    },
    after(ms, ring) {
      const once = () => ring();
      alarms.set(once, ms);
      queueMicrotask(ringWanted);
      return () => alarms.delete(once);
    },
    ring(ms) {
      wanted.add(ms);
      ringWanted();
    },
  };
}
