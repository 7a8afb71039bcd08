DROP INDEX duetmind.experiments_created_at;
DROP INDEX duetmind.runs_started_at;
DROP TABLE duetmind.job;
DROP TABLE duetmind.delivery;
DROP TABLE duetmind.webhook;
DROP TABLE duetmind.event_counter;
DROP TABLE duetmind.event;
DROP TABLE duetmind.idempotent_reply;
DROP TABLE duetmind.api_key;

DROP INDEX duetmind.model_version_detail_logged_model_id;
DROP INDEX duetmind.model_version_detail_updated_at;
DROP TABLE duetmind.registered_model_aliases;
DROP TABLE duetmind.model_version_tags;
DROP TABLE duetmind.registered_model_tags;
-- What the older schema cannot hold goes: versions that were deleted, and runs of other servers.
DELETE FROM duetmind.model_version_detail WHERE status = 'deleted';
UPDATE duetmind.model_version_detail v SET mlflow_run_id = NULL
WHERE NOT EXISTS (SELECT FROM duetmind.runs r WHERE r.run_id = v.mlflow_run_id);
ALTER TABLE duetmind.model_version_detail
  DROP COLUMN source,
  DROP COLUMN run_link,
  DROP COLUMN logged_model_id,
  DROP CONSTRAINT model_version_detail_status_check,
  ADD CONSTRAINT model_version_detail_status_check CHECK (
    status IN ('draft', 'staging', 'production', 'archived', 'rejected')),
  ADD CONSTRAINT model_version_detail_mlflow_run_id_fkey
    FOREIGN KEY (mlflow_run_id) REFERENCES duetmind.runs (run_id);

DROP TABLE duetmind.model_outputs;
DROP TABLE duetmind.model_inputs;
DROP TABLE duetmind.logged_model_metrics;
DROP TABLE duetmind.logged_model_tags;
DROP TABLE duetmind.logged_model_params;
DROP TABLE duetmind.logged_models;

CREATE TABLE duetmind.run_artifact (
  run_id text NOT NULL REFERENCES duetmind.runs (run_id) ON DELETE CASCADE,
  path text NOT NULL CHECK (path <> '' AND path !~ '(^/|(^|/)\.\.(/|$))'),
  digest text NOT NULL CHECK (digest ~ '^sha256:[0-9a-f]{64}$'),
  size_bytes bigint NOT NULL CHECK (size_bytes >= 0),
  PRIMARY KEY (run_id, path)
);
CREATE INDEX run_artifact_digest ON duetmind.run_artifact (digest);
INSERT INTO duetmind.run_artifact (run_id, path, digest, size_bytes)
SELECT r.run_id, substr(f.path, length(r.experiment_id || '/' || r.run_id || '/artifacts/') + 1),
  f.digest, f.size_bytes
FROM duetmind.runs r
JOIN duetmind.artifact_file f
  ON f.path LIKE r.experiment_id || '/' || replace(r.run_id, '_', '\_') || '/artifacts/_%';
DROP TABLE duetmind.artifact_file;

DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'duetmind_client') THEN
    GRANT SELECT, INSERT, UPDATE, DELETE ON duetmind.run_artifact TO duetmind_client;
  END IF;
END
$$;
