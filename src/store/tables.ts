import type { ColumnType, Generated, GeneratedAlways } from "kysely";

// Written by scripts/write-tables.ts from a migrated database: do not edit.
// JSON is read parsed and written as text; a view's columns may all be null.

export interface AgentMemory {
  id: string;
  tenant: string;
  agent: string;
  session_id: string;
  scope: Generated<string>;
  position: GeneratedAlways<number>;
  content: string | null;
  content_sealed: Uint8Array | null;
  content_digest: string;
  memory_type: string;
  importance_score: number;
  metadata: ColumnType<unknown, string | undefined, string>;
  subject: string | null;
  source: string | null;
  actor: string | null;
  trust: Generated<number>;
  origin: string;
  created_at: ColumnType<Date, Date | string, Date | string>;
  updated_at: ColumnType<Date, Date | string, Date | string>;
  valid_from: ColumnType<Date | null, Date | string | null | undefined, Date | string | null>;
  valid_to: ColumnType<Date | null, Date | string | null | undefined, Date | string | null>;
  expires_at: ColumnType<Date | null, Date | string | null | undefined, Date | string | null>;
  last_accessed: ColumnType<Date | null, Date | string | null | undefined, Date | string | null>;
  access_count: Generated<number>;
  repeat_count: Generated<number>;
  superseded_by: string | null;
  terms: Generated<number[]>;
  is_associated: Generated<boolean>;
}

export interface AgentSessions {
  tenant: string;
  agent: string;
  session_id: string;
  metadata: ColumnType<unknown, string | undefined, string>;
  created_at: ColumnType<Date, Date | string, Date | string>;
  last_active_at: ColumnType<Date, Date | string, Date | string>;
}

export interface ApiKey {
  id: string;
  name: string;
  digest: string;
  scope: string;
  created_at: ColumnType<Date, Date | string, Date | string>;
  created_by: string;
  expires_at: ColumnType<Date | null, Date | string | null | undefined, Date | string | null>;
  revoked_at: ColumnType<Date | null, Date | string | null | undefined, Date | string | null>;
  last_used_at: ColumnType<Date | null, Date | string | null | undefined, Date | string | null>;
  tenant: string | null;
  agent: string | null;
}

export interface ArtifactFile {
  path: string;
  digest: string;
  size_bytes: number;
  updated_at: ColumnType<Date, Date | string, Date | string>;
}

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

export interface Delivery {
  id: string;
  event_id: string;
  target: string;
  webhook_id: string | null;
  state: Generated<string>;
  attempts: Generated<number>;
  next_attempt_at: ColumnType<Date, Date | string, Date | string>;
  leased_until: ColumnType<Date | null, Date | string | null | undefined, Date | string | null>;
  last_status: number | null;
  last_error: string | null;
}

export interface Event {
  id: string;
  number: number | null;
  at: ColumnType<Date, Date | string, Date | string>;
  topic: string;
  kind: string;
  actor: string;
  data: ColumnType<unknown, string, string>;
}

export interface EventCounter {
  only_row: Generated<boolean>;
  last_number: number;
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

export interface IdempotentReply {
  actor: string;
  key: string;
  request_digest: string;
  status: number | null;
  headers: ColumnType<unknown, string | null | undefined, string | null>;
  body: string | null;
  created_at: ColumnType<Date, Date | string, Date | string>;
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

export interface Job {
  id: string;
  kind: string;
  state: string;
  request: ColumnType<unknown, string, string>;
  done: Generated<number>;
  total: number | null;
  unit: string | null;
  log_tail: Generated<string>;
  result: ColumnType<unknown, string | null | undefined, string | null>;
  error: ColumnType<unknown, string | null | undefined, string | null>;
  actor: string;
  created_at: ColumnType<Date, Date | string, Date | string>;
  updated_at: ColumnType<Date, Date | string, Date | string>;
  leased_until: ColumnType<Date | null, Date | string | null | undefined, Date | string | null>;
}

export interface LatestMetrics {
  run_id: string;
  key: string;
  value: number;
  timestamp_ms: number;
  step: number;
}

export interface LoggedModelMetrics {
  model_id: string;
  key: string;
  timestamp_ms: number;
  step: number;
  run_id: string;
  value: number;
  dataset_name: string | null;
  dataset_digest: string | null;
}

export interface LoggedModelParams {
  model_id: string;
  key: string;
  value: string;
}

export interface LoggedModelTags {
  model_id: string;
  key: string;
  value: string;
}

export interface LoggedModels {
  model_id: string;
  experiment_id: number;
  name: string;
  artifact_uri: string;
  status: Generated<number>;
  status_message: string | null;
  model_type: Generated<string>;
  source_run_id: Generated<string>;
  lifecycle_stage: Generated<string>;
  created_at: ColumnType<Date, Date | string, Date | string>;
  updated_at: ColumnType<Date, Date | string, Date | string>;
  deleted_at: ColumnType<Date | null, Date | string | null | undefined, Date | string | null>;
}

export interface LooseObject {
  digest: string;
  size_bytes: number;
  since: ColumnType<Date, Date | string, Date | string>;
}

export interface MemoryAssociations {
  from_id: string;
  to_id: string;
  relation: string;
  tenant: string;
  strength: number;
  is_automatic: boolean;
  actor: string | null;
  created_at: ColumnType<Date, Date | string, Date | string>;
}

export interface MemoryEmbedding {
  memory_id: string;
  model_fingerprint: string;
  chunk: number;
  tenant: string;
  agent: string;
  session_id: string;
  scope: string;
  embedding: string;
  position: number;
  session_key: GeneratedAlways<number>;
}

export interface MemoryForgotten {
  id: string;
  tenant: string;
  agent: string;
  session_id: string;
  memory: ColumnType<unknown, string, string>;
  forgotten_at: ColumnType<Date, Date | string, Date | string>;
  purge_at: ColumnType<Date, Date | string, Date | string>;
}

export interface MemoryRecall {
  tenant: string;
  agent: string;
  session_id: string;
  memory_id: string;
  text_digest: string;
  recalled_at: ColumnType<Date, Date | string, Date | string>;
}

export interface MemoryTask {
  memory_id: string;
  tenant: string;
  agent: string;
  session_id: string;
  created_at: ColumnType<Date, Date | string, Date | string>;
  due_at: ColumnType<Date, Date | string, Date | string>;
  attempts: Generated<number>;
}

export interface MemoryTermTotals {
  tenant: string;
  agent: string;
  session_id: string;
  scope: string;
  memories: number;
  terms: number;
}

export interface MemoryTerms {
  tenant: string;
  agent: string;
  session_id: string;
  scope: string;
  term: number;
  block: number;
  postings: Uint8Array;
}

export interface Metrics {
  run_id: string;
  key: string;
  timestamp_ms: number;
  step: number;
  value: number;
}

export interface ModelInputs {
  run_id: string;
  model_id: string;
}

export interface ModelOutputs {
  run_id: string;
  model_id: string;
  step: Generated<number>;
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
  source: string;
  run_link: string | null;
  logged_model_id: string | null;
}

export interface ModelVersionTags {
  version_id: string;
  key: string;
  value: string;
}

export interface Params {
  run_id: string;
  key: string;
  value: string;
}

export interface RecordedObject {
  digest: string;
}

export interface RegisteredModelAliases {
  model_id: string;
  alias: string;
  version: number;
}

export interface RegisteredModelTags {
  model_id: string;
  key: string;
  value: string;
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

export interface Webhook {
  id: string;
  name: string;
  description: string | null;
  url: string;
  events: ColumnType<unknown, string, string>;
  sealed_secret: string | null;
  status: Generated<string>;
  created_at: ColumnType<Date, Date | string, Date | string>;
  updated_at: ColumnType<Date, Date | string, Date | string>;
}

export interface Tables {
  agent_memory: AgentMemory;
  agent_sessions: AgentSessions;
  api_key: ApiKey;
  artifact_file: ArtifactFile;
  audit_event: AuditEvent;
  data_quality_metrics: DataQualityMetrics;
  dataset_catalog: DatasetCatalog;
  dataset_source: DatasetSource;
  datasets: Datasets;
  delivery: Delivery;
  event: Event;
  event_counter: EventCounter;
  experiment_tags: ExperimentTags;
  experiment_tracking: ExperimentTracking;
  experiments: Experiments;
  feature_view: FeatureView;
  feature_view_dataset: FeatureViewDataset;
  idempotent_reply: IdempotentReply;
  ingest_run: IngestRun;
  input_tags: InputTags;
  inputs: Inputs;
  job: Job;
  latest_metrics: LatestMetrics;
  logged_model_metrics: LoggedModelMetrics;
  logged_model_params: LoggedModelParams;
  logged_model_tags: LoggedModelTags;
  logged_models: LoggedModels;
  loose_object: LooseObject;
  memory_associations: MemoryAssociations;
  memory_embedding: MemoryEmbedding;
  memory_forgotten: MemoryForgotten;
  memory_recall: MemoryRecall;
  memory_task: MemoryTask;
  memory_term_totals: MemoryTermTotals;
  memory_terms: MemoryTerms;
  metrics: Metrics;
  model_inputs: ModelInputs;
  model_outputs: ModelOutputs;
  model_registry: ModelRegistry;
  model_version_detail: ModelVersionDetail;
  model_version_tags: ModelVersionTags;
  params: Params;
  recorded_object: RecordedObject;
  registered_model_aliases: RegisteredModelAliases;
  registered_model_tags: RegisteredModelTags;
  runs: Runs;
  schema_migration: SchemaMigration;
  stage_record: StageRecord;
  tags: Tags;
  version_counter: VersionCounter;
  webhook: Webhook;
}
