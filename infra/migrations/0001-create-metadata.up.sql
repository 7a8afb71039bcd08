-- The metadata of DuetMind: what was imported, measured, built, tried and registered.
--
-- Three groups of tables. The registry (stage_record, dataset_catalog, feature_view, model_registry and
-- their details) says which bytes came from which; the tracking tables (experiments, runs, params,
-- metrics, tags, inputs) keep MLflow's semantics; audit_event is append-only and says who did what.
--
-- Digests are `sha256:` and 64 hex digits everywhere. A metric's value may be NaN or infinite.

CREATE SCHEMA IF NOT EXISTS duetmind;

-- Registry ---------------------------------------------------------------------------------------

-- Every record that a stage wrote and that was imported: the exact lineage, and what makes an import
-- of the same record a no-op.
CREATE TABLE duetmind.stage_record (
  digest text PRIMARY KEY CHECK (digest ~ '^sha256:[0-9a-f]{64}$'),
  stage text NOT NULL CHECK (stage IN ('data', 'features', 'train')),
  path text NOT NULL,
  body json NOT NULL, -- json, not jsonb: the very text, so that its digest can be checked
  journal jsonb,
  registered_at timestamptz NOT NULL,
  registered_by text NOT NULL
);
CREATE INDEX stage_record_stage ON duetmind.stage_record (stage, registered_at);

-- The last version number given out for a name. Its row is locked by whoever makes the next version.
CREATE TABLE duetmind.version_counter (
  kind text NOT NULL CHECK (kind IN ('dataset', 'feature_view', 'model')),
  name text NOT NULL,
  last_version integer NOT NULL CHECK (last_version >= 0),
  PRIMARY KEY (kind, name)
);

CREATE TABLE duetmind.feature_view (
  id uuid PRIMARY KEY,
  name text NOT NULL CHECK (name <> ''),
  version integer NOT NULL CHECK (version > 0),
  feature_hash text NOT NULL CHECK (feature_hash ~ '^sha256:[0-9a-f]{64}$'),
  fit_hash text NOT NULL CHECK (fit_hash ~ '^sha256:[0-9a-f]{64}$'),
  schema_hash text CHECK (schema_hash ~ '^sha256:[0-9a-f]{64}$'),
  feature_list jsonb NOT NULL CHECK (jsonb_typeof(feature_list) = 'array'),
  transformation_logic jsonb NOT NULL,
  validation_schema jsonb,
  record_digest text NOT NULL REFERENCES duetmind.stage_record (digest),
  created_at timestamptz NOT NULL,
  created_by text NOT NULL,
  UNIQUE (name, version),
  UNIQUE (name, feature_hash, fit_hash)
);
CREATE INDEX feature_view_feature_hash ON duetmind.feature_view (feature_hash);
CREATE INDEX feature_view_record_digest ON duetmind.feature_view (record_digest);

-- A version of a dataset: raw as ingested, or processed (features, labels, split of a feature view).
CREATE TABLE duetmind.dataset_catalog (
  id uuid PRIMARY KEY,
  name text NOT NULL CHECK (name <> ''),
  version integer NOT NULL CHECK (version > 0),
  kind text NOT NULL CHECK (kind IN ('raw', 'processed')),
  source_type text NOT NULL,
  file_path text NOT NULL,
  file_format text NOT NULL,
  schema_hash text NOT NULL CHECK (schema_hash ~ '^sha256:[0-9a-f]{64}$'),
  content_sha256 text NOT NULL CHECK (content_sha256 ~ '^sha256:[0-9a-f]{64}$'),
  data_digest text CHECK (data_digest ~ '^sha256:[0-9a-f]{64}$'),
  size_bytes bigint NOT NULL CHECK (size_bytes >= 0),
  row_count bigint NOT NULL CHECK (row_count >= 0),
  column_count integer NOT NULL CHECK (column_count >= 0),
  metadata_json jsonb NOT NULL DEFAULT '{}',
  feature_view_id uuid REFERENCES duetmind.feature_view (id),
  record_digest text NOT NULL REFERENCES duetmind.stage_record (digest),
  created_at timestamptz NOT NULL,
  created_by text NOT NULL,
  UNIQUE (name, version),
  UNIQUE (name, content_sha256)
);
CREATE INDEX dataset_catalog_schema_hash ON duetmind.dataset_catalog (schema_hash);
CREATE INDEX dataset_catalog_content_sha256 ON duetmind.dataset_catalog (content_sha256);
CREATE INDEX dataset_catalog_feature_view_id ON duetmind.dataset_catalog (feature_view_id);
CREATE INDEX dataset_catalog_record_digest ON duetmind.dataset_catalog (record_digest);

-- The datasets that a dataset was made from.
CREATE TABLE duetmind.dataset_source (
  dataset_id uuid NOT NULL REFERENCES duetmind.dataset_catalog (id) ON DELETE CASCADE,
  source_dataset_id uuid NOT NULL REFERENCES duetmind.dataset_catalog (id),
  PRIMARY KEY (dataset_id, source_dataset_id),
  CHECK (dataset_id <> source_dataset_id)
);
CREATE INDEX dataset_source_source_dataset_id ON duetmind.dataset_source (source_dataset_id);

-- The datasets that a feature view was fitted on.
CREATE TABLE duetmind.feature_view_dataset (
  feature_view_id uuid NOT NULL REFERENCES duetmind.feature_view (id) ON DELETE CASCADE,
  dataset_id uuid NOT NULL REFERENCES duetmind.dataset_catalog (id),
  PRIMARY KEY (feature_view_id, dataset_id)
);
CREATE INDEX feature_view_dataset_dataset_id ON duetmind.feature_view_dataset (dataset_id);

-- One number about a dataset or, with a column name, about one of its columns.
CREATE TABLE duetmind.data_quality_metrics (
  id uuid PRIMARY KEY,
  dataset_id uuid NOT NULL REFERENCES duetmind.dataset_catalog (id) ON DELETE CASCADE,
  column_name text,
  metric text NOT NULL,
  value double precision NOT NULL,
  record_digest text NOT NULL REFERENCES duetmind.stage_record (digest),
  measured_at timestamptz NOT NULL,
  UNIQUE NULLS NOT DISTINCT (dataset_id, record_digest, column_name, metric)
);
CREATE INDEX data_quality_metrics_record_digest ON duetmind.data_quality_metrics (record_digest);

-- Tracking ---------------------------------------------------------------------------------------

CREATE TABLE duetmind.experiments (
  experiment_id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
  name text NOT NULL UNIQUE CHECK (name <> '' AND char_length(name) <= 500),
  artifact_location text NOT NULL,
  lifecycle_stage text NOT NULL DEFAULT 'active' CHECK (lifecycle_stage IN ('active', 'deleted')),
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL
);
-- MLflow's clients expect experiment 0, "Default", to exist.
INSERT INTO duetmind.experiments (experiment_id, name, artifact_location, created_at, updated_at)
VALUES (0, 'Default', 'mlflow-artifacts:/0', now(), now());

CREATE TABLE duetmind.experiment_tags (
  experiment_id bigint NOT NULL REFERENCES duetmind.experiments (experiment_id) ON DELETE CASCADE,
  key text NOT NULL CHECK (char_length(key) <= 250),
  value text NOT NULL CHECK (char_length(value) <= 20000),
  PRIMARY KEY (experiment_id, key)
);

CREATE TABLE duetmind.runs (
  run_id text PRIMARY KEY CHECK (run_id ~ '^[a-zA-Z0-9][a-zA-Z0-9_-]{0,255}$'),
  experiment_id bigint NOT NULL REFERENCES duetmind.experiments (experiment_id),
  run_name text NOT NULL,
  user_id text NOT NULL DEFAULT '',
  status text NOT NULL CHECK (status IN ('RUNNING', 'SCHEDULED', 'FINISHED', 'FAILED', 'KILLED')),
  lifecycle_stage text NOT NULL DEFAULT 'active' CHECK (lifecycle_stage IN ('active', 'deleted')),
  artifact_uri text NOT NULL,
  started_at timestamptz,
  ended_at timestamptz,
  deleted_at timestamptz,
  record_digest text UNIQUE REFERENCES duetmind.stage_record (digest),
  CHECK (deleted_at IS NULL OR lifecycle_stage = 'deleted')
);
CREATE INDEX runs_experiment_id ON duetmind.runs (experiment_id, started_at DESC, run_id);

CREATE TABLE duetmind.params (
  run_id text NOT NULL REFERENCES duetmind.runs (run_id) ON DELETE CASCADE,
  key text NOT NULL CHECK (char_length(key) <= 250),
  value text NOT NULL CHECK (char_length(value) <= 6000),
  PRIMARY KEY (run_id, key)
);

-- Every point of every metric; the key is in the order of a history: time, step, value. A point that
-- comes twice is stored once. PostgreSQL holds NaN equal to itself, so NaN points obey that too.
CREATE TABLE duetmind.metrics (
  run_id text NOT NULL REFERENCES duetmind.runs (run_id) ON DELETE CASCADE,
  key text NOT NULL CHECK (char_length(key) <= 250),
  timestamp_ms bigint NOT NULL CHECK (timestamp_ms >= 0),
  step bigint NOT NULL,
  value double precision NOT NULL,
  PRIMARY KEY (run_id, key, timestamp_ms, step, value)
);

-- The point of each metric that is greatest by (step, timestamp, value), NaN counting as 0.
CREATE TABLE duetmind.latest_metrics (
  run_id text NOT NULL REFERENCES duetmind.runs (run_id) ON DELETE CASCADE,
  key text NOT NULL,
  value double precision NOT NULL,
  timestamp_ms bigint NOT NULL,
  step bigint NOT NULL,
  PRIMARY KEY (run_id, key)
);
CREATE INDEX latest_metrics_key_value ON duetmind.latest_metrics (key, value);

CREATE TABLE duetmind.tags (
  run_id text NOT NULL REFERENCES duetmind.runs (run_id) ON DELETE CASCADE,
  key text NOT NULL CHECK (char_length(key) <= 250),
  value text NOT NULL CHECK (char_length(value) <= 8000),
  PRIMARY KEY (run_id, key)
);

-- Datasets as a run names them; unique in an experiment by name and digest, whatever wrote them.
CREATE TABLE duetmind.datasets (
  id uuid PRIMARY KEY,
  experiment_id bigint NOT NULL REFERENCES duetmind.experiments (experiment_id) ON DELETE CASCADE,
  name text NOT NULL CHECK (name <> '' AND char_length(name) <= 500),
  digest text NOT NULL CHECK (digest <> ''),
  source_type text NOT NULL,
  source text NOT NULL CHECK (char_length(source) <= 65535),
  schema text CHECK (char_length(schema) <= 1048575),
  profile text CHECK (char_length(profile) <= 16777215),
  catalog_id uuid REFERENCES duetmind.dataset_catalog (id),
  UNIQUE (experiment_id, name, digest)
);
CREATE INDEX datasets_catalog_id ON duetmind.datasets (catalog_id);

CREATE TABLE duetmind.inputs (
  id uuid PRIMARY KEY,
  run_id text NOT NULL REFERENCES duetmind.runs (run_id) ON DELETE CASCADE,
  dataset_id uuid NOT NULL REFERENCES duetmind.datasets (id),
  UNIQUE (run_id, dataset_id)
);
CREATE INDEX inputs_dataset_id ON duetmind.inputs (dataset_id);

CREATE TABLE duetmind.input_tags (
  input_id uuid NOT NULL REFERENCES duetmind.inputs (id) ON DELETE CASCADE,
  key text NOT NULL CHECK (char_length(key) <= 255),
  value text NOT NULL CHECK (char_length(value) <= 500),
  PRIMARY KEY (input_id, key)
);

-- The files of a run: a path and the object of the artifact store that holds its bytes.
CREATE TABLE duetmind.run_artifact (
  run_id text NOT NULL REFERENCES duetmind.runs (run_id) ON DELETE CASCADE,
  path text NOT NULL CHECK (path <> '' AND path !~ '(^/|(^|/)\.\.(/|$))'),
  digest text NOT NULL CHECK (digest ~ '^sha256:[0-9a-f]{64}$'),
  size_bytes bigint NOT NULL CHECK (size_bytes >= 0),
  PRIMARY KEY (run_id, path)
);
CREATE INDEX run_artifact_digest ON duetmind.run_artifact (digest);

-- Models -----------------------------------------------------------------------------------------

CREATE TABLE duetmind.model_registry (
  id uuid PRIMARY KEY,
  name text NOT NULL UNIQUE CHECK (name <> '' AND name !~ '[/:]'),
  description text,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL
);

CREATE TABLE duetmind.model_version_detail (
  id uuid PRIMARY KEY,
  model_id uuid NOT NULL REFERENCES duetmind.model_registry (id) ON DELETE CASCADE,
  version integer NOT NULL CHECK (version > 0),
  mlflow_run_id text REFERENCES duetmind.runs (run_id),
  feature_view_id uuid REFERENCES duetmind.feature_view (id),
  feature_hash text CHECK (feature_hash ~ '^sha256:[0-9a-f]{64}$'),
  uri text NOT NULL,
  artifact_checksums jsonb NOT NULL CHECK (jsonb_typeof(artifact_checksums) = 'object'),
  status text NOT NULL CHECK (status IN ('draft', 'staging', 'production', 'archived', 'rejected')),
  status_reasons jsonb NOT NULL DEFAULT '[]' CHECK (jsonb_typeof(status_reasons) = 'array'),
  performance_metrics jsonb NOT NULL DEFAULT '{}',
  hyperparameters jsonb NOT NULL DEFAULT '{}',
  training_dataset_id uuid REFERENCES duetmind.dataset_catalog (id),
  validation_dataset_id uuid REFERENCES duetmind.dataset_catalog (id),
  record_digest text REFERENCES duetmind.stage_record (digest),
  description text,
  created_at timestamptz NOT NULL,
  created_by text NOT NULL,
  updated_at timestamptz NOT NULL,
  promoted_at timestamptz,
  deprecated_at timestamptz,
  UNIQUE (model_id, version),
  UNIQUE (model_id, record_digest)
);
CREATE INDEX model_version_detail_mlflow_run_id ON duetmind.model_version_detail (mlflow_run_id);
CREATE INDEX model_version_detail_feature_view_id ON duetmind.model_version_detail (feature_view_id);
CREATE INDEX model_version_detail_feature_hash ON duetmind.model_version_detail (feature_hash);
CREATE INDEX model_version_detail_training_dataset_id
  ON duetmind.model_version_detail (training_dataset_id);
CREATE INDEX model_version_detail_validation_dataset_id
  ON duetmind.model_version_detail (validation_dataset_id);
CREATE INDEX model_version_detail_record_digest ON duetmind.model_version_detail (record_digest);

-- Audit ------------------------------------------------------------------------------------------

-- Who did what: written in the transaction of the change, never changed or taken away.
CREATE TABLE duetmind.audit_event (
  id uuid PRIMARY KEY,
  at timestamptz NOT NULL,
  actor text NOT NULL,
  action text NOT NULL,
  object_type text NOT NULL,
  object_id text NOT NULL,
  object_version text,
  before jsonb,
  after jsonb,
  reason text,
  digest text NOT NULL CHECK (digest ~ '^sha256:[0-9a-f]{64}$')
);
CREATE INDEX audit_event_object ON duetmind.audit_event (object_type, object_id, at);
CREATE INDEX audit_event_at ON duetmind.audit_event (at);

CREATE FUNCTION duetmind.refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'audit_event: expected only new rows, got %', TG_OP USING ERRCODE = 'DM001';
END
$$;
CREATE TRIGGER audit_event_append_only BEFORE UPDATE OR DELETE ON duetmind.audit_event
  FOR EACH ROW EXECUTE FUNCTION duetmind.refuse_audit_change();
CREATE TRIGGER audit_event_no_truncate BEFORE TRUNCATE ON duetmind.audit_event
  FOR EACH STATEMENT EXECUTE FUNCTION duetmind.refuse_audit_change();

-- Views ------------------------------------------------------------------------------------------

-- One row a run, for people with a SQL client. NaN and infinities are strings in its JSON.
CREATE VIEW duetmind.experiment_tracking AS
SELECT
  r.run_id,
  r.experiment_id,
  e.name AS experiment_name,
  r.run_name,
  r.user_id,
  r.status,
  r.lifecycle_stage,
  r.started_at,
  r.ended_at,
  r.artifact_uri,
  (SELECT coalesce(jsonb_object_agg(p.key, p.value), '{}'::jsonb)
     FROM duetmind.params p WHERE p.run_id = r.run_id) AS params,
  (SELECT coalesce(jsonb_object_agg(m.key, m.value), '{}'::jsonb)
     FROM duetmind.latest_metrics m WHERE m.run_id = r.run_id) AS metrics,
  (SELECT coalesce(jsonb_object_agg(t.key, t.value), '{}'::jsonb)
     FROM duetmind.tags t WHERE t.run_id = r.run_id) AS tags
FROM duetmind.runs r
JOIN duetmind.experiments e USING (experiment_id);

-- Roles ------------------------------------------------------------------------------------------

-- Who connects to a shared database gets this plain role. It belongs to the server, not to this
-- database: another database may have made it already, or this user may not be allowed to.
DO $$
BEGIN
  CREATE ROLE duetmind_client NOLOGIN;
EXCEPTION WHEN duplicate_object OR unique_violation OR insufficient_privilege THEN
  NULL;
END
$$;
DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'duetmind_client') THEN
    GRANT USAGE ON SCHEMA duetmind TO duetmind_client;
    GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA duetmind TO duetmind_client;
    REVOKE UPDATE, DELETE ON duetmind.audit_event FROM duetmind_client;
    GRANT USAGE ON ALL SEQUENCES IN SCHEMA duetmind TO duetmind_client;
  END IF;
END
$$;
