import type { ColumnType, Generated } from "kysely";

// Written by scripts/write-tables.ts from a migrated database: do not edit.
// JSON is read parsed and written as text; a view's columns may all be null.

export interface AuditEvent {
  id: string;
  at: ColumnType<Date, Date | string, Date | string>;
  actor: string;
  action: string;
  object_type: string;
  object_id: string;
  object_version: string | null;
  before: ColumnType<unknown, string | null | undefined, string | null>;
  after: ColumnType<unknown, string | null | undefined, string | null>;
  reason: string | null;
  digest: string;
}

export interface DataQualityMetrics {
  id: string;
  dataset_id: string;
  column_name: string | null;
  metric: string;
  value: number;
  record_digest: string;
  measured_at: ColumnType<Date, Date | string, Date | string>;
}

export interface DatasetCatalog {
  id: string;
  name: string;
  version: number;
  kind: string;
  source_type: string;
  file_path: string;
  file_format: string;
  schema_hash: string;
  content_sha256: string;
  data_digest: string | null;
  size_bytes: number;
  row_count: number;
  column_count: number;
  metadata_json: ColumnType<unknown, string | undefined, string>;
  feature_view_id: string | null;
  record_digest: string;
  created_at: ColumnType<Date, Date | string, Date | string>;
  created_by: string;
}

export interface DatasetSource {
  dataset_id: string;
  source_dataset_id: string;
}

export interface Datasets {
  id: string;
  experiment_id: number;
  name: string;
  digest: string;
  source_type: string;
  source: string;
  schema: string | null;
  profile: string | null;
  catalog_id: string | null;
}

export interface ExperimentTags {
  experiment_id: number;
  key: string;
  value: string;
}

export interface ExperimentTracking {
  run_id: string | null;
  experiment_id: number | null;
  experiment_name: string | null;
  run_name: string | null;
  user_id: string | null;
  status: string | null;
  lifecycle_stage: string | null;
  started_at: ColumnType<Date | null, Date | string | null | undefined, Date | string | null>;
  ended_at: ColumnType<Date | null, Date | string | null | undefined, Date | string | null>;
  artifact_uri: string | null;
  params: ColumnType<unknown, string | null | undefined, string | null>;
  metrics: ColumnType<unknown, string | null | undefined, string | null>;
  tags: ColumnType<unknown, string | null | undefined, string | null>;
}

export interface Experiments {
  experiment_id: Generated<number>;
  name: string;
  artifact_location: string;
  lifecycle_stage: Generated<string>;
  created_at: ColumnType<Date, Date | string, Date | string>;
  updated_at: ColumnType<Date, Date | string, Date | string>;
}

export interface FeatureView {
  id: string;
  name: string;
  version: number;
  feature_hash: string;
  fit_hash: string;
  schema_hash: string | null;
  feature_list: ColumnType<unknown, string, string>;
  transformation_logic: ColumnType<unknown, string, string>;
  validation_schema: ColumnType<unknown, string | null | undefined, string | null>;
  record_digest: string;
  created_at: ColumnType<Date, Date | string, Date | string>;
  created_by: string;
}

export interface FeatureViewDataset {
  feature_view_id: string;
  dataset_id: string;
}

export interface IngestRun {
  id: string;
  dataset: string;
  source: string;
  content_sha256: string;
  started_at: ColumnType<Date, Date | string, Date | string>;
  ended_at: ColumnType<Date, Date | string, Date | string>;
  rows_read: number;
  rows_added: number;
  rows_rejected: number;
  bytes_read: number;
  watermark: string | null;
}

export interface InputTags {
  input_id: string;
  key: string;
  value: string;
}

export interface Inputs {
  id: string;
  run_id: string;
  dataset_id: string;
}

export interface LatestMetrics {
  run_id: string;
  key: string;
  value: number;
  timestamp_ms: number;
  step: number;
}

export interface Metrics {
  run_id: string;
  key: string;
  timestamp_ms: number;
  step: number;
  value: number;
}

export interface ModelRegistry {
  id: string;
  name: string;
  description: string | null;
  created_at: ColumnType<Date, Date | string, Date | string>;
  updated_at: ColumnType<Date, Date | string, Date | string>;
}

export interface ModelVersionDetail {
  id: string;
  model_id: string;
  version: number;
  mlflow_run_id: string | null;
  feature_view_id: string | null;
  feature_hash: string | null;
  uri: string;
  artifact_checksums: ColumnType<unknown, string, string>;
  status: string;
  status_reasons: ColumnType<unknown, string | undefined, string>;
  performance_metrics: ColumnType<unknown, string | undefined, string>;
  hyperparameters: ColumnType<unknown, string | undefined, string>;
  training_dataset_id: string | null;
  validation_dataset_id: string | null;
  record_digest: string | null;
  description: string | null;
  created_at: ColumnType<Date, Date | string, Date | string>;
  created_by: string;
  updated_at: ColumnType<Date, Date | string, Date | string>;
  promoted_at: ColumnType<Date | null, Date | string | null | undefined, Date | string | null>;
  deprecated_at: ColumnType<Date | null, Date | string | null | undefined, Date | string | null>;
}

export interface Params {
  run_id: string;
  key: string;
  value: string;
}

export interface RunArtifact {
  run_id: string;
  path: string;
  digest: string;
  size_bytes: number;
}

export interface Runs {
  run_id: string;
  experiment_id: number;
  run_name: string;
  user_id: Generated<string>;
  status: string;
  lifecycle_stage: Generated<string>;
  artifact_uri: string;
  started_at: ColumnType<Date | null, Date | string | null | undefined, Date | string | null>;
  ended_at: ColumnType<Date | null, Date | string | null | undefined, Date | string | null>;
  deleted_at: ColumnType<Date | null, Date | string | null | undefined, Date | string | null>;
  record_digest: string | null;
}

export interface SchemaMigration {
  number: number;
  name: string;
  checksum: string;
  applied_at: ColumnType<Date, Date | string, Date | string>;
  duetmind: string;
}

export interface StageRecord {
  digest: string;
  stage: string;
  path: string;
  body: ColumnType<unknown, string, string>;
  journal: ColumnType<unknown, string | null | undefined, string | null>;
  registered_at: ColumnType<Date, Date | string, Date | string>;
  registered_by: string;
}

export interface Tags {
  run_id: string;
  key: string;
  value: string;
}

export interface VersionCounter {
  kind: string;
  name: string;
  last_version: number;
}

export interface Tables {
  audit_event: AuditEvent;
  data_quality_metrics: DataQualityMetrics;
  dataset_catalog: DatasetCatalog;
  dataset_source: DatasetSource;
  datasets: Datasets;
  experiment_tags: ExperimentTags;
  experiment_tracking: ExperimentTracking;
  experiments: Experiments;
  feature_view: FeatureView;
  feature_view_dataset: FeatureViewDataset;
  ingest_run: IngestRun;
  input_tags: InputTags;
  inputs: Inputs;
  latest_metrics: LatestMetrics;
  metrics: Metrics;
  model_registry: ModelRegistry;
  model_version_detail: ModelVersionDetail;
  params: Params;
  run_artifact: RunArtifact;
  runs: Runs;
  schema_migration: SchemaMigration;
  stage_record: StageRecord;
  tags: Tags;
  version_counter: VersionCounter;
}
