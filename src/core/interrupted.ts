import { DuetMindError } from "./errors.ts";

/** Ends work at a safe point after Ctrl-C. */
export function throwIfInterrupted(signal: AbortSignal): void {
  if (!signal.aborted) return;
  throw new DuetMindError("INTERRUPTED", "interrupted: expected to finish, got asked to stop", {
    hint: "nothing was half written; run the command again",
  });
}
