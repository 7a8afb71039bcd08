import { setTimeout as delay } from "node:timers/promises";
import type { Effects } from "../../core/effects.ts";
import { DuetMindError } from "../../core/errors.ts";
import { isLock, type ProcessLock, tryProcessLock } from "../../core/process-lock.ts";

const POLL_MS = 100;

/** Holds the pipeline of a folder against another `reproduce`; waits a while for one that is running. */
export async function lockPipeline(
  folder: string,
  waitMs: number,
  effects: Effects,
): Promise<ProcessLock> {
  for (let waitedMs = 0; ; waitedMs += POLL_MS) {
    const taken = tryProcessLock(folder, effects.clock.now());
    if (isLock(taken)) return taken;
    if (waitedMs >= waitMs || effects.signal.aborted) {
      throw new DuetMindError(
        "PIPELINE_LOCKED",
        `pipeline: expected no other reproduce in this folder, got process ${taken.pid} since ${taken.since}`,
        { hint: "wait until it has ended" },
      );
    }
    if (waitedMs === 0)
      effects.progress.note(`waiting for process ${taken.pid}, which runs reproduce here`);
    await delay(POLL_MS);
  }
}
