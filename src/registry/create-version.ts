import type { Clock } from "../core/clock.ts";
import { uuidV7 } from "../core/ids.ts";
import type { Database } from "../store/database.ts";
import type { Entry } from "../tracking/log-batch.ts";
import { addRegisteredVersion, lockLoggedModel } from "../tracking/logged-model-queries.ts";
import { toJsonColumn } from "./json-column.ts";
import { isPrompt, promptSource } from "./prompts.ts";
import { lockModel, touchModel } from "./registered-model-queries.ts";
import {
  assertModelName,
  assertPlainText,
  assertRegistryTag,
  MAX_RUN_ID,
  MAX_SOURCE,
  toVersionNumber,
} from "./registry-limits.ts";
import { setVersionTags } from "./registry-version-queries.ts";
import { resolveSource } from "./resolve-source.ts";
import { lockVersions, nextVersion } from "./version-counter.ts";
import { parseVersionSource } from "./version-source.ts";
import { contentOfFolder, contentOfVersion } from "./version-source-queries.ts";

export type NewVersion = Readonly<{
  name: string;
  source: string;
  runId: string | undefined;
  loggedModelId: string | undefined;
  runLink: string | undefined;
  description: string | undefined;
  tags: readonly Entry[];
}>;

export function assertNewVersion(version: NewVersion): void {
  assertModelName(version.name);
  assertPlainText(version.runId ?? "", MAX_RUN_ID, "Run ID");
  assertPlainText(version.runLink ?? "", MAX_SOURCE, "Run link");
  assertPlainText(version.description ?? "", Number.MAX_SAFE_INTEGER, "Description");
  for (const tag of version.tags) assertRegistryTag(tag);
}

export type CreatedVersion = Readonly<{ version: number; runId: string | null; isPrompt: boolean }>;

/**
 * Makes the next version of a model that is there. The files that its source has now are fixed by their
 * digests; a copy of another version takes over what is known of that one.
 */
export async function createVersion(
  db: Database,
  given: NewVersion,
  actor: string,
  clock: Clock,
): Promise<CreatedVersion> {
  await lockVersions(db, "model", given.name);
  const model = await lockModel(db, given.name);
  const loggedModel =
    given.loggedModelId === undefined
      ? undefined
      : await lockLoggedModel(db, given.loggedModelId, false);
  const uri = isPrompt(given.tags)
    ? promptSource(given.source)
    : await resolveSource(db, given.source, { runId: given.runId, loggedModel });
  const source = parseVersionSource(given.source);
  const content =
    source.kind === "version"
      ? await contentOfVersion(db, source.name, toVersionNumber(source.version))
      : await contentOfFolder(db, uri);
  const runId = given.runId ?? (loggedModel?.sourceRunId || null);
  const [id, version, now] = [
    uuidV7(clock),
    await nextVersion(db, "model", given.name),
    clock.now(),
  ];
  await db
    .insertInto("model_version_detail")
    .values({
      id,
      model_id: model.id,
      version,
      mlflow_run_id: runId,
      logged_model_id: loggedModel?.modelId ?? null,
      source: given.source,
      uri,
      run_link: given.runLink ?? null,
      description: given.description ?? "",
      feature_view_id: content.featureViewId,
      feature_hash: content.featureHash,
      artifact_checksums: toJsonColumn(content.artifactChecksums),
      performance_metrics: toJsonColumn(content.performanceMetrics),
      hyperparameters: toJsonColumn(content.hyperparameters),
      training_dataset_id: content.trainingDatasetId,
      validation_dataset_id: content.validationDatasetId,
      status: "draft",
      created_at: now,
      created_by: actor,
      updated_at: now,
    })
    .execute();
  await setVersionTags(db, id, given.tags);
  await touchModel(db, model.id, now);
  if (loggedModel !== undefined) {
    await addRegisteredVersion(db, loggedModel.modelId, { name: given.name, version });
  }
  return { version, runId, isPrompt: model.isPrompt };
}
