-- Which objects of the store may be freed: those that a path let go of, and that neither a path nor a
-- record of a stage names by then. `duetmind tracking gc` frees them.

CREATE TABLE duetmind.loose_object (
  digest text PRIMARY KEY CHECK (digest ~ '^sha256:[0-9a-f]{64}$'),
  size_bytes bigint NOT NULL CHECK (size_bytes >= 0),
  since timestamptz NOT NULL
);

-- Rows of one kind are taken in one order, so that two who delete wait for each other and do not deadlock.
CREATE FUNCTION duetmind.note_deleted_files() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
  INSERT INTO duetmind.loose_object (digest, size_bytes, since)
  SELECT DISTINCT digest, size_bytes, now() FROM removed ORDER BY digest
  ON CONFLICT (digest) DO UPDATE SET since = excluded.since;
  RETURN NULL;
END $$;
CREATE FUNCTION duetmind.note_replaced_file() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
  INSERT INTO duetmind.loose_object (digest, size_bytes, since)
  VALUES (old.digest, old.size_bytes, now())
  ON CONFLICT (digest) DO UPDATE SET since = excluded.since;
  RETURN NULL;
END $$;
CREATE TRIGGER artifact_file_deleted AFTER DELETE ON duetmind.artifact_file
  REFERENCING OLD TABLE AS removed FOR EACH STATEMENT
  EXECUTE FUNCTION duetmind.note_deleted_files();
CREATE TRIGGER artifact_file_replaced AFTER UPDATE ON duetmind.artifact_file
  FOR EACH ROW WHEN (old.digest IS DISTINCT FROM new.digest)
  EXECUTE FUNCTION duetmind.note_replaced_file();

-- Every digest that a record of a stage names: of files that are in the store, and of others.
CREATE TABLE duetmind.recorded_object (
  digest text PRIMARY KEY CHECK (digest ~ '^sha256:[0-9a-f]{64}$')
);
CREATE FUNCTION duetmind.note_recorded_objects() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
  INSERT INTO duetmind.recorded_object (digest)
  SELECT DISTINCT m.digest[1]
  FROM regexp_matches(new.body::text, 'sha256:[0-9a-f]{64}', 'g') AS m(digest)
  ORDER BY 1
  ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;
CREATE TRIGGER stage_record_names AFTER INSERT ON duetmind.stage_record
  FOR EACH ROW EXECUTE FUNCTION duetmind.note_recorded_objects();
INSERT INTO duetmind.recorded_object (digest)
SELECT DISTINCT m.digest[1]
FROM duetmind.stage_record r,
  regexp_matches(r.body::text, 'sha256:[0-9a-f]{64}', 'g') AS m(digest);

DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'duetmind_client') THEN
    GRANT SELECT, INSERT, UPDATE, DELETE ON duetmind.loose_object, duetmind.recorded_object
    TO duetmind_client;
  END IF;
END
$$;
