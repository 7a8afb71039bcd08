import { sql } from "kysely";
import type { Database } from "../store/database.ts";
import { listArtifactFiles } from "../tracking/artifact-file-queries.ts";
import { proxyPath } from "../tracking/proxy-path.ts";
import type { ArtifactChecksums } from "./model-queries.ts";

/** Where a run, deleted or not, keeps its artifacts. */
export async function findRunArtifactUri(db: Database, runId: string): Promise<string | undefined> {
  const run = await db
    .selectFrom("runs")
    .select("artifact_uri")
    .where("run_id", "=", runId)
    .executeTakeFirst();
  return run?.artifact_uri;
}

/** What a version was made from: another version's, when it is a copy, or the files of its folder. */
export type VersionContent = Readonly<{
  featureViewId: string | null;
  featureHash: string | null;
  artifactChecksums: unknown;
  performanceMetrics: unknown;
  hyperparameters: unknown;
  trainingDatasetId: string | null;
  validationDatasetId: string | null;
}>;

const UNKNOWN: VersionContent = {
  featureViewId: null,
  featureHash: null,
  artifactChecksums: {},
  performanceMetrics: {},
  hyperparameters: {},
  trainingDatasetId: null,
  validationDatasetId: null,
};

export async function contentOfVersion(
  db: Database,
  name: string,
  version: number,
): Promise<VersionContent> {
  const { rows } = await sql<VersionContent>`
    SELECT v.feature_view_id AS "featureViewId", v.feature_hash AS "featureHash",
      v.artifact_checksums AS "artifactChecksums", v.performance_metrics AS "performanceMetrics",
      v.hyperparameters, v.training_dataset_id AS "trainingDatasetId",
      v.validation_dataset_id AS "validationDatasetId"
    FROM duetmind.model_version_detail AS v JOIN duetmind.model_registry AS m ON m.id = v.model_id
    WHERE m.name = ${name} AND v.version = ${version} AND v.status <> 'deleted'`.execute(db);
  return rows[0] ?? UNKNOWN;
}

/** The files below a URI of the artifact proxy as they are now: a version's bytes are fixed by them. */
export async function contentOfFolder(db: Database, uri: string): Promise<VersionContent> {
  const folder = proxyPath(uri);
  if (folder === undefined || folder === "") return UNKNOWN;
  const files = await listArtifactFiles(db, folder);
  const artifactChecksums: ArtifactChecksums = Object.fromEntries(
    files.map(({ path, digest, sizeBytes }) => [path, { sha256: digest, size_bytes: sizeBytes }]),
  );
  return { ...UNKNOWN, artifactChecksums };
}
