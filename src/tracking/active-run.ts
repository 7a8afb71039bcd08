import { DuetMindError } from "../core/errors.ts";
import type { LifecycleStage } from "./experiments.ts";

/** Refuses a write to a run that is not there or was deleted; the texts are MLflow's. */
export function assertActiveRun(runId: string, stage: LifecycleStage | undefined): void {
  if (stage === "active") return;
  if (stage === undefined) throw noRun(runId);
  throw new DuetMindError(
    "BAD_INPUT",
    `The run ${runId} must be in the 'active' state. Current state is deleted.`,
  );
}

export function noRun(runId: string): DuetMindError {
  return new DuetMindError("NOT_FOUND", `Run with id=${runId} not found`);
}
