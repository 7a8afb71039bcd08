-- What the tracking server keeps beside runs: logged models, files of the artifact proxy, tags and
-- aliases of the registry, API keys, webhooks, and the outbox that events leave by.

-- Artifacts --------------------------------------------------------------------------------------

-- Every file below the artifact proxy: its whole path, such as `0/<run>/artifacts/model/MLmodel`, and
-- the object that holds its bytes. Bytewise order, so that a folder is one range of the key.
CREATE TABLE duetmind.artifact_file (
  path text COLLATE "C" PRIMARY KEY CHECK (path <> '' AND path !~ '(^/|(^|/)\.\.?(/|$)|//|/$)'),
  digest text NOT NULL CHECK (digest ~ '^sha256:[0-9a-f]{64}$'),
  size_bytes bigint NOT NULL CHECK (size_bytes >= 0),
  updated_at timestamptz NOT NULL
);
CREATE INDEX artifact_file_digest ON duetmind.artifact_file (digest);
INSERT INTO duetmind.artifact_file (path, digest, size_bytes, updated_at)
SELECT r.experiment_id || '/' || r.run_id || '/artifacts/' || a.path, a.digest, a.size_bytes,
  coalesce(r.ended_at, r.started_at, now())
FROM duetmind.run_artifact a JOIN duetmind.runs r USING (run_id);
DROP TABLE duetmind.run_artifact;

-- Logged models ----------------------------------------------------------------------------------

CREATE TABLE duetmind.logged_models (
  model_id text PRIMARY KEY CHECK (model_id ~ '^m-[0-9a-f]{32}$'),
  experiment_id bigint NOT NULL REFERENCES duetmind.experiments (experiment_id),
  name text NOT NULL CHECK (name <> '' AND char_length(name) <= 500),
  artifact_uri text NOT NULL,
  -- MLflow's numbers: 1 pending, 2 ready, 3 upload failed
  status smallint NOT NULL DEFAULT 1 CHECK (status BETWEEN 1 AND 3),
  status_message text,
  model_type text NOT NULL DEFAULT '' CHECK (char_length(model_type) <= 500),
  source_run_id text NOT NULL DEFAULT '',
  lifecycle_stage text NOT NULL DEFAULT 'active' CHECK (lifecycle_stage IN ('active', 'deleted')),
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  deleted_at timestamptz,
  CHECK (deleted_at IS NULL OR lifecycle_stage = 'deleted')
);
CREATE INDEX logged_models_experiment_id
  ON duetmind.logged_models (experiment_id, created_at DESC, model_id);
CREATE INDEX logged_models_source_run_id ON duetmind.logged_models (source_run_id);

CREATE TABLE duetmind.logged_model_params (
  model_id text NOT NULL REFERENCES duetmind.logged_models (model_id) ON DELETE CASCADE,
  key text NOT NULL CHECK (char_length(key) <= 250),
  value text NOT NULL CHECK (char_length(value) <= 6000),
  PRIMARY KEY (model_id, key)
);

CREATE TABLE duetmind.logged_model_tags (
  model_id text NOT NULL REFERENCES duetmind.logged_models (model_id) ON DELETE CASCADE,
  key text NOT NULL CHECK (char_length(key) <= 250),
  value text NOT NULL CHECK (char_length(value) <= 8000),
  PRIMARY KEY (model_id, key)
);

-- A metric of a model: the point that a run logged for it, and the dataset it was measured on.
CREATE TABLE duetmind.logged_model_metrics (
  model_id text NOT NULL REFERENCES duetmind.logged_models (model_id) ON DELETE CASCADE,
  key text NOT NULL CHECK (char_length(key) <= 250),
  timestamp_ms bigint NOT NULL CHECK (timestamp_ms >= 0),
  step bigint NOT NULL,
  run_id text NOT NULL REFERENCES duetmind.runs (run_id) ON DELETE CASCADE,
  value double precision NOT NULL,
  dataset_name text,
  dataset_digest text,
  PRIMARY KEY (model_id, key, timestamp_ms, step, run_id)
);
CREATE INDEX logged_model_metrics_run_id ON duetmind.logged_model_metrics (run_id);
CREATE INDEX logged_model_metrics_key_value ON duetmind.logged_model_metrics (key, value);

-- The logged models that a run used, and those that it made. MLflow takes ids that nobody knows.
CREATE TABLE duetmind.model_inputs (
  run_id text NOT NULL REFERENCES duetmind.runs (run_id) ON DELETE CASCADE,
  model_id text NOT NULL,
  PRIMARY KEY (run_id, model_id)
);
CREATE INDEX model_inputs_model_id ON duetmind.model_inputs (model_id);

CREATE TABLE duetmind.model_outputs (
  run_id text NOT NULL REFERENCES duetmind.runs (run_id) ON DELETE CASCADE,
  model_id text NOT NULL,
  step bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (run_id, model_id)
);
CREATE INDEX model_outputs_model_id ON duetmind.model_outputs (model_id);

-- Registry ---------------------------------------------------------------------------------------

CREATE TABLE duetmind.registered_model_tags (
  model_id uuid NOT NULL REFERENCES duetmind.model_registry (id) ON DELETE CASCADE,
  key text NOT NULL CHECK (char_length(key) <= 250),
  value text NOT NULL CHECK (char_length(value) <= 100000),
  PRIMARY KEY (model_id, key)
);

CREATE TABLE duetmind.model_version_tags (
  version_id uuid NOT NULL REFERENCES duetmind.model_version_detail (id) ON DELETE CASCADE,
  key text NOT NULL CHECK (char_length(key) <= 250),
  value text NOT NULL CHECK (char_length(value) <= 100000),
  PRIMARY KEY (version_id, key)
);

CREATE TABLE duetmind.registered_model_aliases (
  model_id uuid NOT NULL REFERENCES duetmind.model_registry (id) ON DELETE CASCADE,
  alias text NOT NULL CHECK (alias <> '' AND char_length(alias) <= 255),
  version integer NOT NULL,
  PRIMARY KEY (model_id, alias),
  FOREIGN KEY (model_id, version)
    REFERENCES duetmind.model_version_detail (model_id, version) ON DELETE CASCADE
);
CREATE INDEX registered_model_aliases_version
  ON duetmind.registered_model_aliases (model_id, version);

-- `source` is where a client says the model is; `uri` stays where its bytes are. A client may name a
-- run that lives on another server, so the run is no longer a reference.
ALTER TABLE duetmind.model_version_detail
  ADD COLUMN source text,
  ADD COLUMN run_link text,
  ADD COLUMN logged_model_id text,
  DROP CONSTRAINT model_version_detail_mlflow_run_id_fkey,
  DROP CONSTRAINT model_version_detail_status_check,
  ADD CONSTRAINT model_version_detail_status_check CHECK (
    status IN ('draft', 'staging', 'production', 'archived', 'rejected', 'deleted'));
UPDATE duetmind.model_version_detail SET source = uri;
ALTER TABLE duetmind.model_version_detail ALTER COLUMN source SET NOT NULL;
CREATE INDEX model_version_detail_updated_at
  ON duetmind.model_version_detail (updated_at DESC, model_id, version DESC);
CREATE INDEX model_version_detail_logged_model_id
  ON duetmind.model_version_detail (logged_model_id);

-- Access -----------------------------------------------------------------------------------------

-- A key is shown once; what is kept is the SHA-256 of its 256 random bits, which needs no salt.
CREATE TABLE duetmind.api_key (
  id uuid PRIMARY KEY,
  name text NOT NULL CHECK (name <> '' AND char_length(name) <= 200),
  digest text NOT NULL UNIQUE CHECK (digest ~ '^sha256:[0-9a-f]{64}$'),
  scope text NOT NULL CHECK (scope IN ('read', 'write', 'admin')),
  created_at timestamptz NOT NULL,
  created_by text NOT NULL,
  expires_at timestamptz,
  revoked_at timestamptz,
  last_used_at timestamptz
);

-- The first reply to a POST with an Idempotency-Key, given again to the same request for a day.
CREATE TABLE duetmind.idempotent_reply (
  actor text NOT NULL,
  key text NOT NULL CHECK (char_length(key) <= 255),
  request_digest text NOT NULL,
  status integer,
  headers jsonb,
  body text,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (actor, key)
);
CREATE INDEX idempotent_reply_created_at ON duetmind.idempotent_reply (created_at);

-- Events -----------------------------------------------------------------------------------------

-- The outbox: written in the transaction of the change. `number` is given afterwards, by one at a
-- time, so that a reader who has seen a number has seen every smaller one.
CREATE TABLE duetmind.event (
  id uuid PRIMARY KEY,
  number bigint UNIQUE,
  at timestamptz NOT NULL,
  topic text NOT NULL CHECK (topic ~ '^[a-z][a-z0-9-]*$'),
  kind text NOT NULL,
  actor text NOT NULL,
  data jsonb NOT NULL
);
CREATE INDEX event_unnumbered ON duetmind.event (at, id) WHERE number IS NULL;
CREATE INDEX event_at ON duetmind.event (at);
CREATE TABLE duetmind.event_counter (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  last_number bigint NOT NULL
);
INSERT INTO duetmind.event_counter (last_number) VALUES (0);

CREATE TABLE duetmind.webhook (
  id uuid PRIMARY KEY,
  name text NOT NULL,
  description text,
  url text NOT NULL CHECK (char_length(url) <= 2048),
  events jsonb NOT NULL CHECK (jsonb_typeof(events) = 'array'),
  -- AES-256-GCM under the server's key; never in clear
  sealed_secret text,
  status text NOT NULL DEFAULT 'ACTIVE' CHECK (status IN ('ACTIVE', 'DISABLED')),
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL
);

-- One row for each event and place it goes to: a webhook, or the mirror of a run. A row is leased
-- while somebody works on it and is tried again when its lease ends.
CREATE TABLE duetmind.delivery (
  id uuid PRIMARY KEY,
  event_id uuid NOT NULL REFERENCES duetmind.event (id) ON DELETE CASCADE,
  target text NOT NULL,
  webhook_id uuid REFERENCES duetmind.webhook (id) ON DELETE CASCADE,
  state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'delivered', 'failed')),
  attempts integer NOT NULL DEFAULT 0 CHECK (attempts >= 0),
  next_attempt_at timestamptz NOT NULL,
  leased_until timestamptz,
  last_status integer,
  last_error text,
  UNIQUE NULLS NOT DISTINCT (event_id, target, webhook_id)
);
CREATE INDEX delivery_waiting ON duetmind.delivery (next_attempt_at) WHERE state = 'waiting';
CREATE INDEX delivery_webhook_id ON duetmind.delivery (webhook_id);

-- Long work that the API started; leased by the process that does it.
CREATE TABLE duetmind.job (
  id uuid PRIMARY KEY,
  kind text NOT NULL,
  state text NOT NULL CHECK (state IN ('queued', 'running', 'succeeded', 'failed', 'cancelled')),
  request jsonb NOT NULL,
  done bigint NOT NULL DEFAULT 0,
  total bigint,
  unit text,
  log_tail text NOT NULL DEFAULT '',
  result jsonb,
  error jsonb,
  actor text NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  leased_until timestamptz
);
CREATE INDEX job_state ON duetmind.job (state, created_at);

-- Times that searches filter and sort by ---------------------------------------------------------

CREATE INDEX runs_started_at ON duetmind.runs (started_at DESC, run_id);
CREATE INDEX experiments_created_at ON duetmind.experiments (created_at DESC, experiment_id);

DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'duetmind_client') THEN
    GRANT SELECT, INSERT, UPDATE, DELETE ON
      duetmind.artifact_file, duetmind.logged_models, duetmind.logged_model_params,
      duetmind.logged_model_tags, duetmind.logged_model_metrics, duetmind.model_inputs,
      duetmind.model_outputs, duetmind.registered_model_tags, duetmind.model_version_tags,
      duetmind.registered_model_aliases, duetmind.api_key, duetmind.idempotent_reply,
      duetmind.event, duetmind.event_counter, duetmind.webhook, duetmind.delivery, duetmind.job
    TO duetmind_client;
  END IF;
END
$$;
