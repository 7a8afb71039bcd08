-- Every run of the stage `data` over one source, also those that found nothing new: what was read, what
-- was added, what the contract left out, and how far the source has been read.
CREATE TABLE duetmind.ingest_run (
  id uuid PRIMARY KEY,
  dataset text NOT NULL CHECK (dataset <> ''),
  source text NOT NULL,
  content_sha256 text NOT NULL CHECK (content_sha256 ~ '^sha256:[0-9a-f]{64}$'),
  started_at timestamptz NOT NULL,
  ended_at timestamptz NOT NULL,
  rows_read bigint NOT NULL CHECK (rows_read >= 0),
  rows_added bigint NOT NULL CHECK (rows_added >= 0),
  rows_rejected bigint NOT NULL CHECK (rows_rejected >= 0),
  bytes_read bigint NOT NULL CHECK (bytes_read >= 0),
  watermark text
);
CREATE INDEX ingest_run_dataset ON duetmind.ingest_run (dataset, started_at DESC, id);

DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'duetmind_client') THEN
    GRANT SELECT, INSERT, UPDATE, DELETE ON duetmind.ingest_run TO duetmind_client;
  END IF;
END
$$;
