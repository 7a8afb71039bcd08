import { Readable } from "node:stream";
import type { ObjectStore } from "../artifacts/object-store.ts";
import type { ActiveRun, TrackingClient } from "../client/create-tracking-client.ts";
import { filter } from "../client/filter.ts";
import { isMissing } from "../client/tracking-error.ts";
import type { Database } from "../store/database.ts";
import { listArtifactFiles, runArtifactRoot } from "./artifact-file-queries.ts";
import { type MirroredRun, readMirroredRun } from "./mirror-queries.ts";

/** The tag by which a mirrored run is found again. */
export const MIRROR_TAG = "duetmind.mirror_of";

export type MirrorParts = Readonly<{ db: Database; store: ObjectStore; client: TrackingClient }>;

/**
 * Copies a run to another server, once: the run is looked for before it is made, everything that is
 * logged may be logged again, and its status, which comes last, says that it is whole. So a copy that
 * was cut off is gone on with, whoever goes on.
 */
export async function mirrorRun(runId: string, parts: MirrorParts): Promise<void> {
  const { db, client } = parts;
  const run = await readMirroredRun(db, runId);
  // deleted for good in the meantime: there is nothing to copy
  if (run === undefined || (await isKnown(runId, client))) return;
  const { experimentId } = await client.experiments.getOrCreate(run.experiment);
  const copy = await openCopy(run, experimentId, client);
  if (copy === undefined) return;
  await copy.logParams(run.params);
  await copy.setTags(run.tags);
  for (const { key, value, step, timestampMs: timestamp } of run.metrics) {
    await copy.logMetric(key, value, { step, timestamp });
  }
  await copy.flush();
  if (run.datasets.length > 0) await copy.logInputs(run.datasets);
  await copyFiles(run, copy, parts);
  await client.runs.update(copy.info.runId, {
    status: run.status,
    ...(run.endedAt === null ? {} : { endTime: run.endedAt }),
  });
}

/** Whether the other server has the run under its own id: then it is this project's own server. */
async function isKnown(runId: string, client: TrackingClient): Promise<boolean> {
  try {
    await client.runs.get(runId);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

/** The copy to write to, found or made; undefined when it is whole. */
async function openCopy(
  run: MirroredRun,
  experimentId: string,
  client: TrackingClient,
): Promise<ActiveRun | undefined> {
  const [found] = await client.runs
    .search({
      experimentIds: [experimentId],
      filter: filter.tag(MIRROR_TAG).eq(run.runId),
      viewType: "ALL",
      pageSize: 1,
    })
    .toArray(1);
  if (found !== undefined) {
    return found.status === "RUNNING" ? client.runs.resume(found.runId) : undefined;
  }
  const startTime = run.startedAt ?? run.endedAt;
  return client.runs.start({
    experimentId,
    runName: run.name,
    userId: run.user,
    ...(startTime === null ? {} : { startTime }),
    tags: { [MIRROR_TAG]: run.runId },
  });
}

async function copyFiles(
  run: MirroredRun,
  copy: ActiveRun,
  { db, store }: MirrorParts,
): Promise<void> {
  for (const { path, digest } of await listArtifactFiles(db, runArtifactRoot(run))) {
    const bytes = Readable.toWeb(await store.get(digest)) as ReadableStream<Uint8Array>;
    await copy.artifacts.upload(path, bytes);
  }
}
