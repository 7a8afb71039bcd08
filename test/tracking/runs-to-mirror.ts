import { Readable } from "node:stream";
import { openObjectStore } from "../../src/artifacts/open-object-store.ts";
import { artifactsParams } from "../../src/artifacts/params.ts";
import { realEffects } from "../../src/core/effects.ts";
import { appendEvent } from "../../src/events/append-event.ts";
import { requestDelivery } from "../../src/events/delivery-queries.ts";
import { putArtifactFiles, runArtifactRoot } from "../../src/tracking/artifact-file-queries.ts";
import { ensureExperiment } from "../../src/tracking/experiment-queries.ts";
import { DATA_CONTEXT_TAG, logInputs } from "../../src/tracking/input-queries.ts";
import { logBatch } from "../../src/tracking/log-batch.ts";
import { MIRROR } from "../../src/tracking/mirror-variables.ts";
import { insertRun } from "../../src/tracking/run-queries.ts";
import { temporaryFolder, testDatabase } from "../support/database.ts";

/** A database and store of runs that wait to be mirrored. */
export async function runsToMirror() {
  const database = await testDatabase();
  const root = temporaryFolder();
  const artifacts = artifactsParams.parse({});
  const store = openObjectStore(artifacts, root, {}, realEffects);
  const { clock } = realEffects;

  /** A run as a pipeline registers it, with everything that a mirror carries. */
  async function register(runId: string, experiment: string): Promise<void> {
    const startedAt = new Date("2026-03-01T00:00:00Z");
    const endedAt = new Date("2026-03-01T00:01:00Z");
    const content = Buffer.from(`model of ${runId}`);
    const { digest, sizeBytes } = await store.put({ stream: Readable.from([content]) });
    await database.transaction(async (tx) => {
      const experimentId = await ensureExperiment(tx, experiment, startedAt);
      const run = { runId, experimentId, name: "gbm-1", user: "ada", status: "FINISHED" as const };
      await insertRun(tx, { ...run, startedAt, endedAt, recordDigest: null });
      const steps = Array.from({ length: 1500 }, (_, step) => ({
        ...{ key: "loss", value: 1 / (step + 1), step, timestampMs: endedAt.getTime() },
      }));
      await logBatch(tx, runId, {
        params: Array.from({ length: 130 }, (_, i) => ({ key: `p${i}`, value: `v${i}` })),
        metrics: [
          ...steps,
          { key: "auc", value: Number.NaN, step: 0, timestampMs: endedAt.getTime() },
        ],
        tags: [
          { key: "mlflow.runName", value: "gbm-1" },
          { key: "duetmind.model", value: "m" },
        ],
      });
      const data = { sourceType: "duetmind", source: "{}", schema: null, profile: null };
      const input = {
        name: "features",
        digest,
        catalogId: null,
        tags: [{ key: DATA_CONTEXT_TAG, value: "training" }],
        ...data,
      };
      await logInputs(tx, run, [input], clock);
      const files = [
        { path: "model/MLmodel", digest, sizeBytes },
        { path: "metrics ü.json", digest, sizeBytes },
      ];
      await putArtifactFiles(tx, runArtifactRoot(run), files, endedAt);
      const event = {
        topic: "runs",
        kind: "run.registered",
        actor: "ada",
        data: { run_id: runId },
      };
      const eventId = await appendEvent(tx, event, clock);
      await requestDelivery(tx, { eventId, target: MIRROR }, clock);
    });
  }

  return { db: database.kysely, context: { root, artifacts }, register };
}
