import type { Database } from "../store/database.ts";
import { findRun } from "../tracking/run-details.ts";
import { type Lineage, lineageOf } from "./lineage-queries.ts";
import type { ArtifactChecksums, ModelVersionRow } from "./model-queries.ts";
import type { Performance } from "./performance.ts";

/** All that is known of a model version, as `duetmind show --json` prints it. */
export type ModelCard = Readonly<{
  schema_version: 1;
  model: string;
  version: number;
  status: string;
  reasons: readonly string[];
  created_at: string;
  created_by: string;
  record_digest: string | null;
  lineage: Readonly<{
    datasets: Lineage["sources"];
    feature_view: Lineage["feature_view"];
    features: Lineage["training"];
    run: Readonly<{
      run_id: string;
      experiment: string;
      user: string;
      started_at: string | null;
      ended_at: string | null;
      command: string | null;
      git_commit: string | null;
      git_dirty: boolean | null;
    }> | null;
  }>;
  metrics: Performance;
  hyperparameters: unknown;
  /** Where a client said the model is. */
  source: string;
  artifacts: readonly Readonly<{ path: string; sha256: string; size_bytes: number }>[];
}>;

export async function modelCard(db: Database, row: ModelVersionRow): Promise<ModelCard> {
  const lineage = await lineageOf(db, row);
  const run = row.mlflow_run_id === null ? undefined : await findRun(db, row.mlflow_run_id);
  const checksums = row.artifact_checksums as ArtifactChecksums;
  const dirty = run?.tags["duetmind.git.dirty"];
  return {
    schema_version: 1,
    model: row.name,
    version: row.version,
    status: row.status,
    reasons: row.status_reasons as string[],
    created_at: row.created_at.toISOString(),
    created_by: row.created_by,
    record_digest: row.record_digest,
    lineage: {
      datasets: lineage.sources,
      feature_view: lineage.feature_view,
      features: lineage.training,
      run:
        run === undefined
          ? null
          : {
              run_id: run.run_id,
              experiment: run.experiment,
              user: run.user,
              started_at: run.started_at?.toISOString() ?? null,
              ended_at: run.ended_at?.toISOString() ?? null,
              command: run.tags["mlflow.source.name"] ?? null,
              git_commit: run.tags["mlflow.source.git.commit"] ?? null,
              git_dirty: dirty === undefined ? null : dirty === "true",
            },
    },
    metrics: row.performance_metrics as Performance,
    hyperparameters: row.hyperparameters,
    source: row.source,
    artifacts: Object.entries(checksums)
      .map(([path, { sha256, size_bytes }]) => ({ path, sha256, size_bytes }))
      .sort((a, b) => (a.path < b.path ? -1 : 1)),
  };
}
