/** Replies that say "try again": the server, or what stands before it, is busy or away for a while. */
const PASSING = new Set([408, 429, 500, 502, 503, 504]);

/** Replies that also say that nothing was done, so that a create can be sent again. */
const NOT_DONE = new Set([429, 503]);

const FIRST_DELAY_MS = 250;
const LONGEST_DELAY_MS = 30_000;
const LONGEST_RETRY_AFTER_MS = 300_000;

/** Whether a reply with this status is worth another try; `repeatable`: doing it twice does no harm. */
export function isPassing(status: number, repeatable: boolean): boolean {
  return (repeatable ? PASSING : NOT_DONE).has(status);
}

/**
 * How long to wait before try number `attempt` (1 = the first again): what the server asked for by
 * Retry-After, else twice as long each time, half of it by chance so that clients do not come in step.
 */
export function retryDelayMs(
  attempt: number,
  retryAfter: string | null,
  random: () => number,
  now: () => number,
): number {
  const asked = parseRetryAfterMs(retryAfter, now);
  if (asked !== undefined) return Math.min(asked, LONGEST_RETRY_AFTER_MS);
  const full = Math.min(FIRST_DELAY_MS * 2 ** (attempt - 1), LONGEST_DELAY_MS);
  return full / 2 + (full / 2) * random();
}

/** Seconds, or a date. */
function parseRetryAfterMs(header: string | null, now: () => number): number | undefined {
  if (header === null) return undefined;
  if (/^\s*\d+\s*$/.test(header)) return Number(header) * 1000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now());
}
