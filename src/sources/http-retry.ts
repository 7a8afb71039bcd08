import type { HttpParams } from "./http-params.ts";

/**
 * How long to wait before the next attempt: doubled each time, of which one half is chance, so that
 * many clients do not come back together. A server that says how long is obeyed; undefined when that
 * is longer than `max_ms`, because coming back sooner would be refused again.
 */
export function retryDelayMs(
  attempt: number,
  retryAfterMs: number | undefined,
  { base_ms, max_ms }: HttpParams["retry"],
  uniform: number,
): number | undefined {
  if (retryAfterMs !== undefined && retryAfterMs > max_ms) return undefined;
  const backoffMs = Math.min(max_ms, base_ms * 2 ** (attempt - 1));
  return Math.max(retryAfterMs ?? 0, Math.round(backoffMs * (0.5 + 0.5 * uniform)));
}
