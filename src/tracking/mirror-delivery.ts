import type { ObjectStore } from "../artifacts/object-store.ts";
import { TrackingError } from "../client/tracking-error.ts";
import type { Environment } from "../core/environment.ts";
import { DuetMindError } from "../core/errors.ts";
import { backoffMs, type Deliver } from "../events/deliver-loop.ts";
import type { Outcome } from "../events/delivery-queries.ts";
import type { Database } from "../store/database.ts";
import { mirrorRun } from "./mirror-run.ts";
import { openMirror, parseMirrorTarget } from "./mirror-target.ts";

/** Brings runs to the MLflow server of the environment; while it is away they wait, however long. */
export function createMirrorDelivery(
  { db, store }: Readonly<{ db: Database; store: ObjectStore }>,
  env: Environment,
): Deliver {
  return async ({ attempts, event }, signal) => {
    const { run_id: runId } = event.data as Readonly<{ run_id: string }>;
    try {
      const client = openMirror(parseMirrorTarget(env), signal);
      await mirrorRun(runId, { db, store, client });
      return { state: "delivered" };
    } catch (error) {
      if (signal.aborted) return { state: "released" };
      return judge(error, attempts);
    }
  };
}

const PASSING: ReadonlySet<number> = new Set([0, 408, 429, 500, 502, 503, 504]);
/** Refusals of the client itself, before or after a request. */
const FINAL: ReadonlySet<string> = new Set(["INVALID_ARGUMENT", "NOT_PROXIED"]);

/** A server that is away or busy may be there later; what it refuses is told and not asked again. */
function judge(error: unknown, attempts: number): Outcome {
  if (error instanceof DuetMindError) return { state: "failed", error: error.message };
  if (!(error instanceof TrackingError)) throw error;
  const { status, errorCode, message } = error;
  const said = { error: message, ...(status === 0 ? {} : { status }) };
  return PASSING.has(status) && !FINAL.has(errorCode)
    ? { state: "waiting", ...said, afterMs: backoffMs(attempts) }
    : { state: "failed", ...said };
}
