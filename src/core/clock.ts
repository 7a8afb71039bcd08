/** The time, passed in so that a test can hold it. */
export type Clock = Readonly<{ now(): Date }>;

export const systemClock: Clock = { now: () => new Date() };

/** A clock that stands still at one moment. */
export function fixedClock(iso: string): Clock {
  return { now: () => new Date(iso) };
}
