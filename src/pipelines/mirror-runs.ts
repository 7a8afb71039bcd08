import { openObjectStore } from "../artifacts/open-object-store.ts";
import type { ArtifactsParams } from "../artifacts/params.ts";
import type { Effects } from "../core/effects.ts";
import type { Environment } from "../core/environment.ts";
import { createDeliveryLoop } from "../events/deliver-loop.ts";
import { openDeliveries } from "../events/delivery-queries.ts";
import type { Database } from "../store/database.ts";
import { createMirrorDelivery } from "../tracking/mirror-delivery.ts";
import { MIRROR } from "../tracking/mirror-variables.ts";

export type MirrorContext = Readonly<{
  root: string;
  env: Environment;
  artifacts: ArtifactsParams;
}>;

/** A run that is not at the other server yet. */
export type UnmirroredRun = Readonly<{
  run_id: string;
  state: "waiting" | "failed";
  attempts: number;
  reason: string | null;
}>;

const LEASE_MS = 60_000;
const AT_ONCE = 4;

/** Brings the runs that wait to the server that MLFLOW_TRACKING_URI names, for so long; gives the rest. */
export async function mirrorRuns(
  db: Database,
  { root, env, artifacts }: MirrorContext,
  limitMs: number,
  effects: Effects,
): Promise<UnmirroredRun[]> {
  const store = openObjectStore(artifacts, root, env, effects);
  const errors: unknown[] = [];
  const loop = createDeliveryLoop(
    {
      db,
      targets: { [MIRROR]: createMirrorDelivery({ db, store }, env) },
      maxConcurrent: AT_ONCE,
      leaseMs: LEASE_MS,
      report: (error) => errors.push(error),
    },
    effects.clock,
  );
  const endAlarm = effects.clock.after(limitMs, () => void loop.close());
  try {
    await loop.drain();
  } finally {
    endAlarm();
    await loop.close();
  }
  if (errors.length > 0) throw errors[0];
  return (await openDeliveries(db, MIRROR)).map(({ state, attempts, last_error, data }) => ({
    run_id: (data as Readonly<{ run_id: string }>).run_id,
    state: state as UnmirroredRun["state"],
    attempts,
    reason: last_error,
  }));
}

/** How long a command that registered may wait for the other server. */
const LIMIT_MS = 5_000;

/** The last act of a command that registered: never makes it fail, since the runs wait in the outbox. */
export async function mirrorAfterRegister(
  db: Database,
  context: MirrorContext,
  effects: Effects,
): Promise<void> {
  const rest = await mirrorRuns(db, context, LIMIT_MS, effects);
  if (rest.length === 0) return;
  const why = rest.find(({ reason }) => reason !== null)?.reason ?? "no answer in time";
  effects.progress.note(
    `not mirrored to MLFLOW_TRACKING_URI yet: ${rest.length} runs (${why}); duetmind serve and duetmind tracking mirror try again`,
  );
}
