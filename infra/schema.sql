-- Written by `duetmind db dump`: do not edit.

CREATE EXTENSION IF NOT EXISTS vector WITH SCHEMA public;

CREATE SCHEMA duetmind;

CREATE OR REPLACE FUNCTION duetmind.add_memory_terms()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$
BEGIN
  INSERT INTO duetmind.memory_terms AS t (tenant, agent, session_id, scope, term, block, postings)
  SELECT p.tenant, p.agent, p.session_id, p.scope, p.term, p.position >> 13,
    string_agg(int4send(((p.position & 8191)::integer << 19) | (p.times << 14) | p.length), ''
      ORDER BY p.position)
  FROM (
    SELECT m.tenant, m.agent, m.session_id, m.scope, m.position, u.term,
      least(count(*), 31)::integer AS times, m.length
    FROM (
      SELECT tenant, agent, session_id, scope, position, terms,
        least(cardinality(terms), 16383) AS length
      FROM added OFFSET 0 -- the length is told once a memory, not once a term
    ) m CROSS JOIN LATERAL unnest(m.terms) AS u(term)
    GROUP BY m.tenant, m.agent, m.session_id, m.scope, m.position, u.term, m.length
  ) p
  GROUP BY p.tenant, p.agent, p.session_id, p.scope, p.term, p.position >> 13
  ORDER BY p.tenant, p.agent, p.term, p.session_id, p.position >> 13, p.scope
  ON CONFLICT (tenant, agent, term, session_id, block, scope)
    DO UPDATE SET postings = t.postings || excluded.postings;
  INSERT INTO duetmind.memory_term_totals AS t (tenant, agent, session_id, scope, memories, terms)
  SELECT tenant, agent, session_id, scope, count(*), sum(cardinality(terms)) FROM added
  GROUP BY tenant, agent, session_id, scope ORDER BY tenant, agent, session_id, scope
  ON CONFLICT (tenant, agent, session_id, scope)
    DO UPDATE SET memories = t.memories + excluded.memories, terms = t.terms + excluded.terms;
  RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION duetmind.drop_memory_vectors_index(fingerprint text)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$
BEGIN
  IF NOT EXISTS (SELECT FROM duetmind.memory_embedding e WHERE e.model_fingerprint = fingerprint) THEN
    EXECUTE format('DROP INDEX IF EXISTS duetmind.%I',
      'memory_embedding_hnsw_' || left(md5(fingerprint), 12));
  END IF;
END $function$;

CREATE OR REPLACE FUNCTION duetmind.index_memory_vectors(fingerprint text, type text, enough integer)
 RETURNS boolean
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog'
 SET maintenance_work_mem TO '256MB'
AS $function$
DECLARE
  index_name text := 'memory_embedding_hnsw_' || left(md5(fingerprint), 12);
  dimensions integer;
BEGIN
  IF to_regclass('duetmind.' || index_name) IS NOT NULL THEN
    RETURN true;
  END IF;
  IF type NOT IN ('vector', 'halfvec') OR enough < 1 OR (SELECT count(*) FROM (
      SELECT FROM duetmind.memory_embedding e WHERE e.model_fingerprint = fingerprint LIMIT enough
    ) AS found) < enough THEN
    RETURN false;
  END IF;
  SELECT public.vector_dims(e.embedding) INTO dimensions
  FROM duetmind.memory_embedding e WHERE e.model_fingerprint = fingerprint LIMIT 1;
  EXECUTE format('CREATE INDEX %I ON duetmind.memory_embedding
      USING hnsw ((embedding::public.%I(%s)) public.%I) WITH (%s) WHERE model_fingerprint = %L',
    index_name, type, dimensions, type || '_cosine_ops',
    -- the embedded database builds it alone, in WebAssembly
    CASE type WHEN 'vector' THEN 'm = 16, ef_construction = 64' ELSE 'm = 24, ef_construction = 200' END,
    fingerprint);
  -- building it counts the rows, after which nobody sees that the planner knows nothing else of them:
  -- without it a search compares every vector
  ANALYZE duetmind.memory_embedding;
  RETURN true;
END $function$;

CREATE OR REPLACE FUNCTION duetmind.memory_sessions()
 RETURNS text[]
 LANGUAGE sql
 STABLE
AS $function$ SELECT nullif(current_setting('duetmind.sessions', true), '')::text[] $function$;

CREATE OR REPLACE FUNCTION duetmind.memory_tenant()
 RETURNS text
 LANGUAGE sql
 STABLE
AS $function$ SELECT CASE WHEN current_setting('duetmind.reach', true) IN ('tenant', 'agent', 'session')
       THEN current_setting('duetmind.tenant', true) END $function$;

CREATE OR REPLACE FUNCTION duetmind.memory_time()
 RETURNS timestamp with time zone
 LANGUAGE sql
 STABLE
AS $function$ SELECT coalesce(nullif(current_setting('duetmind.at', true), '')::timestamptz, now()) $function$;

CREATE OR REPLACE FUNCTION duetmind.move_memory_terms()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$
BEGIN
  UPDATE duetmind.memory_terms t
  SET postings = duetmind.postings_without(t.postings, ARRAY[(old.position & 8191)::integer])
  WHERE t.tenant = old.tenant AND t.agent = old.agent AND t.term = ANY (old.terms)
    AND t.session_id = old.session_id AND t.block = old.position >> 13 AND t.scope = old.scope;
  DELETE FROM duetmind.memory_terms t
  WHERE t.tenant = old.tenant AND t.agent = old.agent AND t.term = ANY (old.terms)
    AND t.session_id = old.session_id AND t.block = old.position >> 13 AND t.scope = old.scope
    AND t.postings = '';
  UPDATE duetmind.memory_term_totals t
  SET memories = t.memories - 1, terms = t.terms - cardinality(old.terms)
  WHERE t.tenant = old.tenant AND t.agent = old.agent AND t.session_id = old.session_id
    AND t.scope = old.scope;
  DELETE FROM duetmind.memory_term_totals t
  WHERE t.tenant = old.tenant AND t.agent = old.agent AND t.session_id = old.session_id
    AND t.scope = old.scope AND t.memories = 0;
  INSERT INTO duetmind.memory_terms AS t (tenant, agent, session_id, scope, term, block, postings)
  SELECT new.tenant, new.agent, new.session_id, new.scope, u.term, new.position >> 13,
    int4send(((new.position & 8191)::integer << 19) | (least(count(*), 31)::integer << 14)
      | least(cardinality(new.terms), 16383))
  FROM unnest(new.terms) AS u(term) GROUP BY u.term ORDER BY u.term
  ON CONFLICT (tenant, agent, term, session_id, block, scope)
    DO UPDATE SET postings = t.postings || excluded.postings;
  INSERT INTO duetmind.memory_term_totals AS t (tenant, agent, session_id, scope, memories, terms)
  VALUES (new.tenant, new.agent, new.session_id, new.scope, 1, cardinality(new.terms))
  ON CONFLICT (tenant, agent, session_id, scope)
    DO UPDATE SET memories = t.memories + 1, terms = t.terms + excluded.terms;
  RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION duetmind.note_associated()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$
BEGIN
  -- in one order, so that two who associate the same memories wait for each other and do not deadlock
  UPDATE duetmind.agent_memory m SET is_associated = true
  FROM (SELECT id FROM duetmind.agent_memory WHERE id IN (new.from_id, new.to_id) AND NOT is_associated
    ORDER BY id FOR NO KEY UPDATE) AS found
  WHERE m.id = found.id;
  RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION duetmind.note_deleted_files()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog'
AS $function$
BEGIN
  INSERT INTO duetmind.loose_object (digest, size_bytes, since)
  SELECT DISTINCT digest, size_bytes, now() FROM removed ORDER BY digest
  ON CONFLICT (digest) DO UPDATE SET since = excluded.since;
  RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION duetmind.note_recorded_objects()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog'
AS $function$
BEGIN
  INSERT INTO duetmind.recorded_object (digest)
  SELECT DISTINCT m.digest[1]
  FROM regexp_matches(new.body::text, 'sha256:[0-9a-f]{64}', 'g') AS m(digest)
  ORDER BY 1
  ON CONFLICT DO NOTHING;
  RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION duetmind.note_replaced_file()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog'
AS $function$
BEGIN
  INSERT INTO duetmind.loose_object (digest, size_bytes, since)
  VALUES (old.digest, old.size_bytes, now())
  ON CONFLICT (digest) DO UPDATE SET since = excluded.since;
  RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION duetmind.postings_without(postings bytea, offsets integer[])
 RETURNS bytea
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO 'pg_catalog'
AS $function$
  SELECT coalesce(string_agg(posting, '' ORDER BY n), '')
  FROM (
    SELECT n, substring(postings FROM 4 * n + 1 FOR 4) AS posting
    FROM generate_series(0, octet_length(postings) / 4 - 1) AS n
  ) AS p
  WHERE ((get_byte(posting, 0) << 5) | (get_byte(posting, 1) >> 3)) <> ALL (offsets)
$function$;

CREATE OR REPLACE FUNCTION duetmind.refuse_audit_change()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  RAISE EXCEPTION 'audit_event: expected only new rows, got %', TG_OP USING ERRCODE = 'DM001';
END
$function$;

CREATE OR REPLACE FUNCTION duetmind.remove_memory_terms()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$
BEGIN
  UPDATE duetmind.memory_terms t
  SET postings = duetmind.postings_without(t.postings, g.offsets)
  FROM (
    SELECT m.tenant, m.agent, u.term, m.session_id, m.position >> 13 AS block, m.scope,
      array_agg(DISTINCT (m.position & 8191)::integer) AS offsets
    FROM removed m CROSS JOIN LATERAL unnest(m.terms) AS u(term)
    GROUP BY m.tenant, m.agent, u.term, m.session_id, m.position >> 13, m.scope
  ) g
  WHERE t.tenant = g.tenant AND t.agent = g.agent AND t.term = g.term
    AND t.session_id = g.session_id AND t.block = g.block AND t.scope = g.scope;
  DELETE FROM duetmind.memory_terms t
  USING (
    SELECT DISTINCT m.tenant, m.agent, u.term, m.session_id, m.position >> 13 AS block, m.scope
    FROM removed m CROSS JOIN LATERAL unnest(m.terms) AS u(term)
  ) g
  WHERE t.tenant = g.tenant AND t.agent = g.agent AND t.term = g.term
    AND t.session_id = g.session_id AND t.block = g.block AND t.scope = g.scope
    AND t.postings = '';
  UPDATE duetmind.memory_term_totals t
  SET memories = t.memories - g.memories, terms = t.terms - g.terms
  FROM (
    SELECT tenant, agent, session_id, scope, count(*) AS memories, sum(cardinality(terms)) AS terms
    FROM removed GROUP BY tenant, agent, session_id, scope
  ) g
  WHERE t.tenant = g.tenant AND t.agent = g.agent AND t.session_id = g.session_id
    AND t.scope = g.scope;
  DELETE FROM duetmind.memory_term_totals t USING (
    SELECT DISTINCT tenant, agent, session_id, scope FROM removed
  ) g
  WHERE t.tenant = g.tenant AND t.agent = g.agent AND t.session_id = g.session_id
    AND t.scope = g.scope AND t.memories = 0;
  RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION duetmind.session_key(tenant text, agent text, session_id text)
 RETURNS bigint
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$
  SELECT pg_catalog.hashtextextended(session_id,
    pg_catalog.hashtextextended(agent, pg_catalog.hashtextextended(tenant, 0))) >> 11
$function$;

CREATE TABLE duetmind.agent_memory (
  id uuid NOT NULL,
  tenant text NOT NULL,
  agent text NOT NULL,
  session_id text NOT NULL,
  scope text DEFAULT 'session'::text NOT NULL,
  position bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
  content text,
  content_sealed bytea,
  content_digest text NOT NULL,
  memory_type text NOT NULL,
  importance_score double precision NOT NULL,
  metadata jsonb DEFAULT '{}'::jsonb NOT NULL,
  subject text,
  source text,
  actor text,
  trust double precision DEFAULT 0.5 NOT NULL,
  origin text NOT NULL,
  created_at timestamp with time zone NOT NULL,
  updated_at timestamp with time zone NOT NULL,
  valid_from timestamp with time zone,
  valid_to timestamp with time zone,
  expires_at timestamp with time zone,
  last_accessed timestamp with time zone,
  access_count integer DEFAULT 0 NOT NULL,
  repeat_count integer DEFAULT 0 NOT NULL,
  superseded_by uuid,
  terms integer[] DEFAULT '{}'::integer[] NOT NULL,
  is_associated boolean DEFAULT false NOT NULL
);

CREATE TABLE duetmind.agent_sessions (
  tenant text NOT NULL,
  agent text NOT NULL,
  session_id text NOT NULL,
  metadata jsonb DEFAULT '{}'::jsonb NOT NULL,
  created_at timestamp with time zone NOT NULL,
  last_active_at timestamp with time zone NOT NULL
);

CREATE TABLE duetmind.api_key (
  id uuid NOT NULL,
  name text NOT NULL,
  digest text NOT NULL,
  scope text NOT NULL,
  created_at timestamp with time zone NOT NULL,
  created_by text NOT NULL,
  expires_at timestamp with time zone,
  revoked_at timestamp with time zone,
  last_used_at timestamp with time zone,
  tenant text,
  agent text
);

CREATE TABLE duetmind.artifact_file (
  path text NOT NULL,
  digest text NOT NULL,
  size_bytes bigint NOT NULL,
  updated_at timestamp with time zone NOT NULL
);

CREATE TABLE duetmind.audit_event (
  id uuid NOT NULL,
  at timestamp with time zone NOT NULL,
  actor text NOT NULL,
  action text NOT NULL,
  object_type text NOT NULL,
  object_id text NOT NULL,
  object_version text,
  before jsonb,
  after jsonb,
  reason text,
  digest text NOT NULL
);

CREATE TABLE duetmind.data_quality_metrics (
  id uuid NOT NULL,
  dataset_id uuid NOT NULL,
  column_name text,
  metric text NOT NULL,
  value double precision NOT NULL,
  record_digest text NOT NULL,
  measured_at timestamp with time zone NOT NULL
);

CREATE TABLE duetmind.dataset_catalog (
  id uuid NOT NULL,
  name text NOT NULL,
  version integer NOT NULL,
  kind text NOT NULL,
  source_type text NOT NULL,
  file_path text NOT NULL,
  file_format text NOT NULL,
  schema_hash text NOT NULL,
  content_sha256 text NOT NULL,
  data_digest text,
  size_bytes bigint NOT NULL,
  row_count bigint NOT NULL,
  column_count integer NOT NULL,
  metadata_json jsonb DEFAULT '{}'::jsonb NOT NULL,
  feature_view_id uuid,
  record_digest text NOT NULL,
  created_at timestamp with time zone NOT NULL,
  created_by text NOT NULL
);

CREATE TABLE duetmind.dataset_source (
  dataset_id uuid NOT NULL,
  source_dataset_id uuid NOT NULL
);

CREATE TABLE duetmind.datasets (
  id uuid NOT NULL,
  experiment_id bigint NOT NULL,
  name text NOT NULL,
  digest text NOT NULL,
  source_type text NOT NULL,
  source text NOT NULL,
  schema text,
  profile text,
  catalog_id uuid
);

CREATE TABLE duetmind.delivery (
  id uuid NOT NULL,
  event_id uuid NOT NULL,
  target text NOT NULL,
  webhook_id uuid,
  state text DEFAULT 'waiting'::text NOT NULL,
  attempts integer DEFAULT 0 NOT NULL,
  next_attempt_at timestamp with time zone NOT NULL,
  leased_until timestamp with time zone,
  last_status integer,
  last_error text
);

CREATE TABLE duetmind.event (
  id uuid NOT NULL,
  number bigint,
  at timestamp with time zone NOT NULL,
  topic text NOT NULL,
  kind text NOT NULL,
  actor text NOT NULL,
  data jsonb NOT NULL
);

CREATE TABLE duetmind.event_counter (
  only_row boolean DEFAULT true NOT NULL,
  last_number bigint NOT NULL
);

CREATE TABLE duetmind.experiment_tags (
  experiment_id bigint NOT NULL,
  key text NOT NULL,
  value text NOT NULL
);

CREATE TABLE duetmind.experiments (
  experiment_id bigint NOT NULL GENERATED BY DEFAULT AS IDENTITY,
  name text NOT NULL,
  artifact_location text NOT NULL,
  lifecycle_stage text DEFAULT 'active'::text NOT NULL,
  created_at timestamp with time zone NOT NULL,
  updated_at timestamp with time zone NOT NULL
);

CREATE TABLE duetmind.feature_view (
  id uuid NOT NULL,
  name text NOT NULL,
  version integer NOT NULL,
  feature_hash text NOT NULL,
  fit_hash text NOT NULL,
  schema_hash text,
  feature_list jsonb NOT NULL,
  transformation_logic jsonb NOT NULL,
  validation_schema jsonb,
  record_digest text NOT NULL,
  created_at timestamp with time zone NOT NULL,
  created_by text NOT NULL
);

CREATE TABLE duetmind.feature_view_dataset (
  feature_view_id uuid NOT NULL,
  dataset_id uuid NOT NULL
);

CREATE TABLE duetmind.idempotent_reply (
  actor text NOT NULL,
  key text NOT NULL,
  request_digest text NOT NULL,
  status integer,
  headers jsonb,
  body text,
  created_at timestamp with time zone NOT NULL
);

CREATE TABLE duetmind.ingest_run (
  id uuid NOT NULL,
  dataset text NOT NULL,
  source text NOT NULL,
  content_sha256 text NOT NULL,
  started_at timestamp with time zone NOT NULL,
  ended_at timestamp with time zone NOT NULL,
  rows_read bigint NOT NULL,
  rows_added bigint NOT NULL,
  rows_rejected bigint NOT NULL,
  bytes_read bigint NOT NULL,
  watermark text
);

CREATE TABLE duetmind.input_tags (
  input_id uuid NOT NULL,
  key text NOT NULL,
  value text NOT NULL
);

CREATE TABLE duetmind.inputs (
  id uuid NOT NULL,
  run_id text NOT NULL,
  dataset_id uuid NOT NULL
);

CREATE TABLE duetmind.job (
  id uuid NOT NULL,
  kind text NOT NULL,
  state text NOT NULL,
  request jsonb NOT NULL,
  done bigint DEFAULT 0 NOT NULL,
  total bigint,
  unit text,
  log_tail text DEFAULT ''::text NOT NULL,
  result jsonb,
  error jsonb,
  actor text NOT NULL,
  created_at timestamp with time zone NOT NULL,
  updated_at timestamp with time zone NOT NULL,
  leased_until timestamp with time zone
);

CREATE TABLE duetmind.latest_metrics (
  run_id text NOT NULL,
  key text NOT NULL,
  value double precision NOT NULL,
  timestamp_ms bigint NOT NULL,
  step bigint NOT NULL
);

CREATE TABLE duetmind.logged_model_metrics (
  model_id text NOT NULL,
  key text NOT NULL,
  timestamp_ms bigint NOT NULL,
  step bigint NOT NULL,
  run_id text NOT NULL,
  value double precision NOT NULL,
  dataset_name text,
  dataset_digest text
);

CREATE TABLE duetmind.logged_model_params (
  model_id text NOT NULL,
  key text NOT NULL,
  value text NOT NULL
);

CREATE TABLE duetmind.logged_model_tags (
  model_id text NOT NULL,
  key text NOT NULL,
  value text NOT NULL
);

CREATE TABLE duetmind.logged_models (
  model_id text NOT NULL,
  experiment_id bigint NOT NULL,
  name text NOT NULL,
  artifact_uri text NOT NULL,
  status smallint DEFAULT 1 NOT NULL,
  status_message text,
  model_type text DEFAULT ''::text NOT NULL,
  source_run_id text DEFAULT ''::text NOT NULL,
  lifecycle_stage text DEFAULT 'active'::text NOT NULL,
  created_at timestamp with time zone NOT NULL,
  updated_at timestamp with time zone NOT NULL,
  deleted_at timestamp with time zone
);

CREATE TABLE duetmind.loose_object (
  digest text NOT NULL,
  size_bytes bigint NOT NULL,
  since timestamp with time zone NOT NULL
);

CREATE TABLE duetmind.memory_associations (
  from_id uuid NOT NULL,
  to_id uuid NOT NULL,
  relation text NOT NULL,
  tenant text NOT NULL,
  strength double precision NOT NULL,
  is_automatic boolean NOT NULL,
  actor text,
  created_at timestamp with time zone NOT NULL
);

CREATE TABLE duetmind.memory_embedding (
  memory_id uuid NOT NULL,
  model_fingerprint text NOT NULL,
  chunk smallint NOT NULL,
  tenant text NOT NULL,
  agent text NOT NULL,
  session_id text NOT NULL,
  scope text NOT NULL,
  embedding public.vector NOT NULL,
  position bigint NOT NULL,
  session_key bigint GENERATED ALWAYS AS (duetmind.session_key(tenant, agent, session_id)) STORED NOT NULL
);

CREATE TABLE duetmind.memory_forgotten (
  id uuid NOT NULL,
  tenant text NOT NULL,
  agent text NOT NULL,
  session_id text NOT NULL,
  memory jsonb NOT NULL,
  forgotten_at timestamp with time zone NOT NULL,
  purge_at timestamp with time zone NOT NULL
);

CREATE TABLE duetmind.memory_recall (
  tenant text NOT NULL,
  agent text NOT NULL,
  session_id text NOT NULL,
  memory_id uuid NOT NULL,
  text_digest text NOT NULL,
  recalled_at timestamp with time zone NOT NULL
);

CREATE TABLE duetmind.memory_task (
  memory_id uuid NOT NULL,
  tenant text NOT NULL,
  agent text NOT NULL,
  session_id text NOT NULL,
  created_at timestamp with time zone NOT NULL,
  due_at timestamp with time zone NOT NULL,
  attempts integer DEFAULT 0 NOT NULL
);

CREATE TABLE duetmind.memory_term_totals (
  tenant text NOT NULL,
  agent text NOT NULL,
  session_id text NOT NULL,
  scope text NOT NULL,
  memories bigint NOT NULL,
  terms bigint NOT NULL
);

CREATE TABLE duetmind.memory_terms (
  tenant text NOT NULL,
  agent text NOT NULL,
  session_id text NOT NULL,
  scope text NOT NULL,
  term integer NOT NULL,
  block bigint NOT NULL,
  postings bytea NOT NULL
);

CREATE TABLE duetmind.metrics (
  run_id text NOT NULL,
  key text NOT NULL,
  timestamp_ms bigint NOT NULL,
  step bigint NOT NULL,
  value double precision NOT NULL
);

CREATE TABLE duetmind.model_inputs (
  run_id text NOT NULL,
  model_id text NOT NULL
);

CREATE TABLE duetmind.model_outputs (
  run_id text NOT NULL,
  model_id text NOT NULL,
  step bigint DEFAULT 0 NOT NULL
);

CREATE TABLE duetmind.model_registry (
  id uuid NOT NULL,
  name text NOT NULL,
  description text,
  created_at timestamp with time zone NOT NULL,
  updated_at timestamp with time zone NOT NULL
);

CREATE TABLE duetmind.model_version_detail (
  id uuid NOT NULL,
  model_id uuid NOT NULL,
  version integer NOT NULL,
  mlflow_run_id text,
  feature_view_id uuid,
  feature_hash text,
  uri text NOT NULL,
  artifact_checksums jsonb NOT NULL,
  status text NOT NULL,
  status_reasons jsonb DEFAULT '[]'::jsonb NOT NULL,
  performance_metrics jsonb DEFAULT '{}'::jsonb NOT NULL,
  hyperparameters jsonb DEFAULT '{}'::jsonb NOT NULL,
  training_dataset_id uuid,
  validation_dataset_id uuid,
  record_digest text,
  description text,
  created_at timestamp with time zone NOT NULL,
  created_by text NOT NULL,
  updated_at timestamp with time zone NOT NULL,
  promoted_at timestamp with time zone,
  deprecated_at timestamp with time zone,
  source text NOT NULL,
  run_link text,
  logged_model_id text
);

CREATE TABLE duetmind.model_version_tags (
  version_id uuid NOT NULL,
  key text NOT NULL,
  value text NOT NULL
);

CREATE TABLE duetmind.params (
  run_id text NOT NULL,
  key text NOT NULL,
  value text NOT NULL
);

CREATE TABLE duetmind.recorded_object (
  digest text NOT NULL
);

CREATE TABLE duetmind.registered_model_aliases (
  model_id uuid NOT NULL,
  alias text NOT NULL,
  version integer NOT NULL
);

CREATE TABLE duetmind.registered_model_tags (
  model_id uuid NOT NULL,
  key text NOT NULL,
  value text NOT NULL
);

CREATE TABLE duetmind.runs (
  run_id text NOT NULL,
  experiment_id bigint NOT NULL,
  run_name text NOT NULL,
  user_id text DEFAULT ''::text NOT NULL,
  status text NOT NULL,
  lifecycle_stage text DEFAULT 'active'::text NOT NULL,
  artifact_uri text NOT NULL,
  started_at timestamp with time zone,
  ended_at timestamp with time zone,
  deleted_at timestamp with time zone,
  record_digest text
);

CREATE TABLE duetmind.schema_migration (
  number integer NOT NULL,
  name text NOT NULL,
  checksum text NOT NULL,
  applied_at timestamp with time zone NOT NULL,
  duetmind text NOT NULL
);

CREATE TABLE duetmind.stage_record (
  digest text NOT NULL,
  stage text NOT NULL,
  path text NOT NULL,
  body json NOT NULL,
  journal jsonb,
  registered_at timestamp with time zone NOT NULL,
  registered_by text NOT NULL
);

CREATE TABLE duetmind.tags (
  run_id text NOT NULL,
  key text NOT NULL,
  value text NOT NULL
);

CREATE TABLE duetmind.version_counter (
  kind text NOT NULL,
  name text NOT NULL,
  last_version integer NOT NULL
);

CREATE TABLE duetmind.webhook (
  id uuid NOT NULL,
  name text NOT NULL,
  description text,
  url text NOT NULL,
  events jsonb NOT NULL,
  sealed_secret text,
  status text DEFAULT 'ACTIVE'::text NOT NULL,
  created_at timestamp with time zone NOT NULL,
  updated_at timestamp with time zone NOT NULL
);

ALTER TABLE duetmind.agent_memory
  ADD CONSTRAINT agent_memory_check CHECK (((content IS NULL) <> (content_sealed IS NULL)));

ALTER TABLE duetmind.agent_memory
  ADD CONSTRAINT agent_memory_check1 CHECK (((valid_to IS NULL) OR (valid_from IS NULL) OR (valid_to >= valid_from)));

ALTER TABLE duetmind.agent_memory
  ADD CONSTRAINT agent_memory_importance_score_check CHECK (((importance_score >= (0)::double precision) AND (importance_score <= (1)::double precision)));

ALTER TABLE duetmind.agent_memory
  ADD CONSTRAINT agent_memory_memory_type_check CHECK (((memory_type <> ''::text) AND (char_length(memory_type) <= 100)));

ALTER TABLE duetmind.agent_memory
  ADD CONSTRAINT agent_memory_origin_check CHECK ((origin = ANY (ARRAY['stored'::text, 'imported'::text, 'consolidated'::text])));

ALTER TABLE duetmind.agent_memory
  ADD CONSTRAINT agent_memory_pkey PRIMARY KEY (id);

ALTER TABLE duetmind.agent_memory
  ADD CONSTRAINT agent_memory_scope_check CHECK ((scope = ANY (ARRAY['session'::text, 'agent'::text, 'tenant'::text])));

ALTER TABLE duetmind.agent_memory
  ADD CONSTRAINT agent_memory_trust_check CHECK (((trust >= (0)::double precision) AND (trust <= (1)::double precision)));

ALTER TABLE duetmind.agent_sessions
  ADD CONSTRAINT agent_sessions_agent_check CHECK (((agent <> ''::text) AND (char_length(agent) <= 200)));

ALTER TABLE duetmind.agent_sessions
  ADD CONSTRAINT agent_sessions_pkey PRIMARY KEY (tenant, agent, session_id);

ALTER TABLE duetmind.agent_sessions
  ADD CONSTRAINT agent_sessions_session_id_check CHECK (((session_id <> ''::text) AND (char_length(session_id) <= 200)));

ALTER TABLE duetmind.agent_sessions
  ADD CONSTRAINT agent_sessions_tenant_check CHECK (((tenant <> ''::text) AND (char_length(tenant) <= 200)));

ALTER TABLE duetmind.api_key
  ADD CONSTRAINT api_key_agent_check CHECK (((agent <> ''::text) AND (char_length(agent) <= 200)));

ALTER TABLE duetmind.api_key
  ADD CONSTRAINT api_key_digest_check CHECK ((digest ~ '^sha256:[0-9a-f]{64}$'::text));

ALTER TABLE duetmind.api_key
  ADD CONSTRAINT api_key_digest_key UNIQUE (digest);

ALTER TABLE duetmind.api_key
  ADD CONSTRAINT api_key_name_check CHECK (((name <> ''::text) AND (char_length(name) <= 200)));

ALTER TABLE duetmind.api_key
  ADD CONSTRAINT api_key_pkey PRIMARY KEY (id);

ALTER TABLE duetmind.api_key
  ADD CONSTRAINT api_key_scope_check CHECK ((scope = ANY (ARRAY['read'::text, 'write'::text, 'admin'::text])));

ALTER TABLE duetmind.api_key
  ADD CONSTRAINT api_key_tenant_check CHECK (((tenant <> ''::text) AND (char_length(tenant) <= 200)));

ALTER TABLE duetmind.artifact_file
  ADD CONSTRAINT artifact_file_digest_check CHECK ((digest ~ '^sha256:[0-9a-f]{64}$'::text));

ALTER TABLE duetmind.artifact_file
  ADD CONSTRAINT artifact_file_path_check CHECK (((path <> ''::text) AND (path !~ '(^/|(^|/)\.\.?(/|$)|//|/$)'::text)));

ALTER TABLE duetmind.artifact_file
  ADD CONSTRAINT artifact_file_pkey PRIMARY KEY (path);

ALTER TABLE duetmind.artifact_file
  ADD CONSTRAINT artifact_file_size_bytes_check CHECK ((size_bytes >= 0));

ALTER TABLE duetmind.audit_event
  ADD CONSTRAINT audit_event_digest_check CHECK ((digest ~ '^sha256:[0-9a-f]{64}$'::text));

ALTER TABLE duetmind.audit_event
  ADD CONSTRAINT audit_event_pkey PRIMARY KEY (id);

ALTER TABLE duetmind.data_quality_metrics
  ADD CONSTRAINT data_quality_metrics_dataset_id_record_digest_column_name_m_key UNIQUE NULLS NOT DISTINCT (dataset_id, record_digest, column_name, metric);

ALTER TABLE duetmind.data_quality_metrics
  ADD CONSTRAINT data_quality_metrics_pkey PRIMARY KEY (id);

ALTER TABLE duetmind.dataset_catalog
  ADD CONSTRAINT dataset_catalog_column_count_check CHECK ((column_count >= 0));

ALTER TABLE duetmind.dataset_catalog
  ADD CONSTRAINT dataset_catalog_content_sha256_check CHECK ((content_sha256 ~ '^sha256:[0-9a-f]{64}$'::text));

ALTER TABLE duetmind.dataset_catalog
  ADD CONSTRAINT dataset_catalog_data_digest_check CHECK ((data_digest ~ '^sha256:[0-9a-f]{64}$'::text));

ALTER TABLE duetmind.dataset_catalog
  ADD CONSTRAINT dataset_catalog_kind_check CHECK ((kind = ANY (ARRAY['raw'::text, 'processed'::text])));

ALTER TABLE duetmind.dataset_catalog
  ADD CONSTRAINT dataset_catalog_name_check CHECK ((name <> ''::text));

ALTER TABLE duetmind.dataset_catalog
  ADD CONSTRAINT dataset_catalog_name_content_sha256_key UNIQUE (name, content_sha256);

ALTER TABLE duetmind.dataset_catalog
  ADD CONSTRAINT dataset_catalog_name_version_key UNIQUE (name, version);

ALTER TABLE duetmind.dataset_catalog
  ADD CONSTRAINT dataset_catalog_pkey PRIMARY KEY (id);

ALTER TABLE duetmind.dataset_catalog
  ADD CONSTRAINT dataset_catalog_row_count_check CHECK ((row_count >= 0));

ALTER TABLE duetmind.dataset_catalog
  ADD CONSTRAINT dataset_catalog_schema_hash_check CHECK ((schema_hash ~ '^sha256:[0-9a-f]{64}$'::text));

ALTER TABLE duetmind.dataset_catalog
  ADD CONSTRAINT dataset_catalog_size_bytes_check CHECK ((size_bytes >= 0));

ALTER TABLE duetmind.dataset_catalog
  ADD CONSTRAINT dataset_catalog_version_check CHECK ((version > 0));

ALTER TABLE duetmind.dataset_source
  ADD CONSTRAINT dataset_source_check CHECK ((dataset_id <> source_dataset_id));

ALTER TABLE duetmind.dataset_source
  ADD CONSTRAINT dataset_source_pkey PRIMARY KEY (dataset_id, source_dataset_id);

ALTER TABLE duetmind.datasets
  ADD CONSTRAINT datasets_digest_check CHECK ((digest <> ''::text));

ALTER TABLE duetmind.datasets
  ADD CONSTRAINT datasets_experiment_id_name_digest_key UNIQUE (experiment_id, name, digest);

ALTER TABLE duetmind.datasets
  ADD CONSTRAINT datasets_name_check CHECK (((name <> ''::text) AND (char_length(name) <= 500)));

ALTER TABLE duetmind.datasets
  ADD CONSTRAINT datasets_pkey PRIMARY KEY (id);

ALTER TABLE duetmind.datasets
  ADD CONSTRAINT datasets_profile_check CHECK ((char_length(profile) <= 16777215));

ALTER TABLE duetmind.datasets
  ADD CONSTRAINT datasets_schema_check CHECK ((char_length(schema) <= 1048575));

ALTER TABLE duetmind.datasets
  ADD CONSTRAINT datasets_source_check CHECK ((char_length(source) <= 65535));

ALTER TABLE duetmind.delivery
  ADD CONSTRAINT delivery_attempts_check CHECK ((attempts >= 0));

ALTER TABLE duetmind.delivery
  ADD CONSTRAINT delivery_event_id_target_webhook_id_key UNIQUE NULLS NOT DISTINCT (event_id, target, webhook_id);

ALTER TABLE duetmind.delivery
  ADD CONSTRAINT delivery_pkey PRIMARY KEY (id);

ALTER TABLE duetmind.delivery
  ADD CONSTRAINT delivery_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'delivered'::text, 'failed'::text])));

ALTER TABLE duetmind.event
  ADD CONSTRAINT event_number_key UNIQUE (number);

ALTER TABLE duetmind.event
  ADD CONSTRAINT event_pkey PRIMARY KEY (id);

ALTER TABLE duetmind.event
  ADD CONSTRAINT event_topic_check CHECK ((topic ~ '^[a-z][a-z0-9-]*$'::text));

ALTER TABLE duetmind.event_counter
  ADD CONSTRAINT event_counter_only_row_check CHECK (only_row);

ALTER TABLE duetmind.event_counter
  ADD CONSTRAINT event_counter_pkey PRIMARY KEY (only_row);

ALTER TABLE duetmind.experiment_tags
  ADD CONSTRAINT experiment_tags_key_check CHECK ((char_length(key) <= 250));

ALTER TABLE duetmind.experiment_tags
  ADD CONSTRAINT experiment_tags_pkey PRIMARY KEY (experiment_id, key);

ALTER TABLE duetmind.experiment_tags
  ADD CONSTRAINT experiment_tags_value_check CHECK ((char_length(value) <= 20000));

ALTER TABLE duetmind.experiments
  ADD CONSTRAINT experiments_lifecycle_stage_check CHECK ((lifecycle_stage = ANY (ARRAY['active'::text, 'deleted'::text])));

ALTER TABLE duetmind.experiments
  ADD CONSTRAINT experiments_name_check CHECK (((name <> ''::text) AND (char_length(name) <= 500)));

ALTER TABLE duetmind.experiments
  ADD CONSTRAINT experiments_name_key UNIQUE (name);

ALTER TABLE duetmind.experiments
  ADD CONSTRAINT experiments_pkey PRIMARY KEY (experiment_id);

ALTER TABLE duetmind.feature_view
  ADD CONSTRAINT feature_view_feature_hash_check CHECK ((feature_hash ~ '^sha256:[0-9a-f]{64}$'::text));

ALTER TABLE duetmind.feature_view
  ADD CONSTRAINT feature_view_feature_list_check CHECK ((jsonb_typeof(feature_list) = 'array'::text));

ALTER TABLE duetmind.feature_view
  ADD CONSTRAINT feature_view_fit_hash_check CHECK ((fit_hash ~ '^sha256:[0-9a-f]{64}$'::text));

ALTER TABLE duetmind.feature_view
  ADD CONSTRAINT feature_view_name_check CHECK ((name <> ''::text));

ALTER TABLE duetmind.feature_view
  ADD CONSTRAINT feature_view_name_feature_hash_fit_hash_key UNIQUE (name, feature_hash, fit_hash);

ALTER TABLE duetmind.feature_view
  ADD CONSTRAINT feature_view_name_version_key UNIQUE (name, version);

ALTER TABLE duetmind.feature_view
  ADD CONSTRAINT feature_view_pkey PRIMARY KEY (id);

ALTER TABLE duetmind.feature_view
  ADD CONSTRAINT feature_view_schema_hash_check CHECK ((schema_hash ~ '^sha256:[0-9a-f]{64}$'::text));

ALTER TABLE duetmind.feature_view
  ADD CONSTRAINT feature_view_version_check CHECK ((version > 0));

ALTER TABLE duetmind.feature_view_dataset
  ADD CONSTRAINT feature_view_dataset_pkey PRIMARY KEY (feature_view_id, dataset_id);

ALTER TABLE duetmind.idempotent_reply
  ADD CONSTRAINT idempotent_reply_key_check CHECK ((char_length(key) <= 255));

ALTER TABLE duetmind.idempotent_reply
  ADD CONSTRAINT idempotent_reply_pkey PRIMARY KEY (actor, key);

ALTER TABLE duetmind.ingest_run
  ADD CONSTRAINT ingest_run_bytes_read_check CHECK ((bytes_read >= 0));

ALTER TABLE duetmind.ingest_run
  ADD CONSTRAINT ingest_run_content_sha256_check CHECK ((content_sha256 ~ '^sha256:[0-9a-f]{64}$'::text));

ALTER TABLE duetmind.ingest_run
  ADD CONSTRAINT ingest_run_dataset_check CHECK ((dataset <> ''::text));

ALTER TABLE duetmind.ingest_run
  ADD CONSTRAINT ingest_run_pkey PRIMARY KEY (id);

ALTER TABLE duetmind.ingest_run
  ADD CONSTRAINT ingest_run_rows_added_check CHECK ((rows_added >= 0));

ALTER TABLE duetmind.ingest_run
  ADD CONSTRAINT ingest_run_rows_read_check CHECK ((rows_read >= 0));

ALTER TABLE duetmind.ingest_run
  ADD CONSTRAINT ingest_run_rows_rejected_check CHECK ((rows_rejected >= 0));

ALTER TABLE duetmind.input_tags
  ADD CONSTRAINT input_tags_key_check CHECK ((char_length(key) <= 255));

ALTER TABLE duetmind.input_tags
  ADD CONSTRAINT input_tags_pkey PRIMARY KEY (input_id, key);

ALTER TABLE duetmind.input_tags
  ADD CONSTRAINT input_tags_value_check CHECK ((char_length(value) <= 500));

ALTER TABLE duetmind.inputs
  ADD CONSTRAINT inputs_pkey PRIMARY KEY (id);

ALTER TABLE duetmind.inputs
  ADD CONSTRAINT inputs_run_id_dataset_id_key UNIQUE (run_id, dataset_id);

ALTER TABLE duetmind.job
  ADD CONSTRAINT job_pkey PRIMARY KEY (id);

ALTER TABLE duetmind.job
  ADD CONSTRAINT job_state_check CHECK ((state = ANY (ARRAY['queued'::text, 'running'::text, 'succeeded'::text, 'failed'::text, 'cancelled'::text])));

ALTER TABLE duetmind.latest_metrics
  ADD CONSTRAINT latest_metrics_pkey PRIMARY KEY (run_id, key);

ALTER TABLE duetmind.logged_model_metrics
  ADD CONSTRAINT logged_model_metrics_key_check CHECK ((char_length(key) <= 250));

ALTER TABLE duetmind.logged_model_metrics
  ADD CONSTRAINT logged_model_metrics_pkey PRIMARY KEY (model_id, key, timestamp_ms, step, run_id);

ALTER TABLE duetmind.logged_model_metrics
  ADD CONSTRAINT logged_model_metrics_timestamp_ms_check CHECK ((timestamp_ms >= 0));

ALTER TABLE duetmind.logged_model_params
  ADD CONSTRAINT logged_model_params_key_check CHECK ((char_length(key) <= 250));

ALTER TABLE duetmind.logged_model_params
  ADD CONSTRAINT logged_model_params_pkey PRIMARY KEY (model_id, key);

ALTER TABLE duetmind.logged_model_params
  ADD CONSTRAINT logged_model_params_value_check CHECK ((char_length(value) <= 6000));

ALTER TABLE duetmind.logged_model_tags
  ADD CONSTRAINT logged_model_tags_key_check CHECK ((char_length(key) <= 250));

ALTER TABLE duetmind.logged_model_tags
  ADD CONSTRAINT logged_model_tags_pkey PRIMARY KEY (model_id, key);

ALTER TABLE duetmind.logged_model_tags
  ADD CONSTRAINT logged_model_tags_value_check CHECK ((char_length(value) <= 8000));

ALTER TABLE duetmind.logged_models
  ADD CONSTRAINT logged_models_check CHECK (((deleted_at IS NULL) OR (lifecycle_stage = 'deleted'::text)));

ALTER TABLE duetmind.logged_models
  ADD CONSTRAINT logged_models_lifecycle_stage_check CHECK ((lifecycle_stage = ANY (ARRAY['active'::text, 'deleted'::text])));

ALTER TABLE duetmind.logged_models
  ADD CONSTRAINT logged_models_model_id_check CHECK ((model_id ~ '^m-[0-9a-f]{32}$'::text));

ALTER TABLE duetmind.logged_models
  ADD CONSTRAINT logged_models_model_type_check CHECK ((char_length(model_type) <= 500));

ALTER TABLE duetmind.logged_models
  ADD CONSTRAINT logged_models_name_check CHECK (((name <> ''::text) AND (char_length(name) <= 500)));

ALTER TABLE duetmind.logged_models
  ADD CONSTRAINT logged_models_pkey PRIMARY KEY (model_id);

ALTER TABLE duetmind.logged_models
  ADD CONSTRAINT logged_models_status_check CHECK (((status >= 1) AND (status <= 3)));

ALTER TABLE duetmind.loose_object
  ADD CONSTRAINT loose_object_digest_check CHECK ((digest ~ '^sha256:[0-9a-f]{64}$'::text));

ALTER TABLE duetmind.loose_object
  ADD CONSTRAINT loose_object_pkey PRIMARY KEY (digest);

ALTER TABLE duetmind.loose_object
  ADD CONSTRAINT loose_object_size_bytes_check CHECK ((size_bytes >= 0));

ALTER TABLE duetmind.memory_associations
  ADD CONSTRAINT memory_associations_check CHECK ((from_id <> to_id));

ALTER TABLE duetmind.memory_associations
  ADD CONSTRAINT memory_associations_pkey PRIMARY KEY (from_id, to_id, relation);

ALTER TABLE duetmind.memory_associations
  ADD CONSTRAINT memory_associations_relation_check CHECK ((relation = ANY (ARRAY['similar'::text, 'causal'::text, 'temporal'::text, 'contradicts'::text, 'supports'::text, 'part-of'::text])));

ALTER TABLE duetmind.memory_associations
  ADD CONSTRAINT memory_associations_strength_check CHECK (((strength >= (0)::double precision) AND (strength <= (1)::double precision)));

ALTER TABLE duetmind.memory_embedding
  ADD CONSTRAINT memory_embedding_chunk_check CHECK ((chunk >= 0));

ALTER TABLE duetmind.memory_embedding
  ADD CONSTRAINT memory_embedding_pkey PRIMARY KEY (memory_id, model_fingerprint, chunk);

ALTER TABLE duetmind.memory_forgotten
  ADD CONSTRAINT memory_forgotten_pkey PRIMARY KEY (id);

ALTER TABLE duetmind.memory_recall
  ADD CONSTRAINT memory_recall_pkey PRIMARY KEY (tenant, agent, session_id, memory_id);

ALTER TABLE duetmind.memory_task
  ADD CONSTRAINT memory_task_pkey PRIMARY KEY (memory_id);

ALTER TABLE duetmind.memory_term_totals
  ADD CONSTRAINT memory_term_totals_pkey PRIMARY KEY (tenant, agent, session_id, scope);

ALTER TABLE duetmind.memory_terms
  ADD CONSTRAINT memory_terms_pkey PRIMARY KEY (tenant, agent, term, session_id, block, scope);

ALTER TABLE duetmind.metrics
  ADD CONSTRAINT metrics_key_check CHECK ((char_length(key) <= 250));

ALTER TABLE duetmind.metrics
  ADD CONSTRAINT metrics_pkey PRIMARY KEY (run_id, key, timestamp_ms, step, value);

ALTER TABLE duetmind.metrics
  ADD CONSTRAINT metrics_timestamp_ms_check CHECK ((timestamp_ms >= 0));

ALTER TABLE duetmind.model_inputs
  ADD CONSTRAINT model_inputs_pkey PRIMARY KEY (run_id, model_id);

ALTER TABLE duetmind.model_outputs
  ADD CONSTRAINT model_outputs_pkey PRIMARY KEY (run_id, model_id);

ALTER TABLE duetmind.model_registry
  ADD CONSTRAINT model_registry_name_check CHECK (((name <> ''::text) AND (name !~ '[/:]'::text)));

ALTER TABLE duetmind.model_registry
  ADD CONSTRAINT model_registry_name_key UNIQUE (name);

ALTER TABLE duetmind.model_registry
  ADD CONSTRAINT model_registry_pkey PRIMARY KEY (id);

ALTER TABLE duetmind.model_version_detail
  ADD CONSTRAINT model_version_detail_artifact_checksums_check CHECK ((jsonb_typeof(artifact_checksums) = 'object'::text));

ALTER TABLE duetmind.model_version_detail
  ADD CONSTRAINT model_version_detail_feature_hash_check CHECK ((feature_hash ~ '^sha256:[0-9a-f]{64}$'::text));

ALTER TABLE duetmind.model_version_detail
  ADD CONSTRAINT model_version_detail_model_id_record_digest_key UNIQUE (model_id, record_digest);

ALTER TABLE duetmind.model_version_detail
  ADD CONSTRAINT model_version_detail_model_id_version_key UNIQUE (model_id, version);

ALTER TABLE duetmind.model_version_detail
  ADD CONSTRAINT model_version_detail_pkey PRIMARY KEY (id);

ALTER TABLE duetmind.model_version_detail
  ADD CONSTRAINT model_version_detail_status_check CHECK ((status = ANY (ARRAY['draft'::text, 'staging'::text, 'production'::text, 'archived'::text, 'rejected'::text, 'deleted'::text])));

ALTER TABLE duetmind.model_version_detail
  ADD CONSTRAINT model_version_detail_status_reasons_check CHECK ((jsonb_typeof(status_reasons) = 'array'::text));

ALTER TABLE duetmind.model_version_detail
  ADD CONSTRAINT model_version_detail_version_check CHECK ((version > 0));

ALTER TABLE duetmind.model_version_tags
  ADD CONSTRAINT model_version_tags_key_check CHECK ((char_length(key) <= 250));

ALTER TABLE duetmind.model_version_tags
  ADD CONSTRAINT model_version_tags_pkey PRIMARY KEY (version_id, key);

ALTER TABLE duetmind.model_version_tags
  ADD CONSTRAINT model_version_tags_value_check CHECK ((char_length(value) <= 100000));

ALTER TABLE duetmind.params
  ADD CONSTRAINT params_key_check CHECK ((char_length(key) <= 250));

ALTER TABLE duetmind.params
  ADD CONSTRAINT params_pkey PRIMARY KEY (run_id, key);

ALTER TABLE duetmind.params
  ADD CONSTRAINT params_value_check CHECK ((char_length(value) <= 6000));

ALTER TABLE duetmind.recorded_object
  ADD CONSTRAINT recorded_object_digest_check CHECK ((digest ~ '^sha256:[0-9a-f]{64}$'::text));

ALTER TABLE duetmind.recorded_object
  ADD CONSTRAINT recorded_object_pkey PRIMARY KEY (digest);

ALTER TABLE duetmind.registered_model_aliases
  ADD CONSTRAINT registered_model_aliases_alias_check CHECK (((alias <> ''::text) AND (char_length(alias) <= 255)));

ALTER TABLE duetmind.registered_model_aliases
  ADD CONSTRAINT registered_model_aliases_pkey PRIMARY KEY (model_id, alias);

ALTER TABLE duetmind.registered_model_tags
  ADD CONSTRAINT registered_model_tags_key_check CHECK ((char_length(key) <= 250));

ALTER TABLE duetmind.registered_model_tags
  ADD CONSTRAINT registered_model_tags_pkey PRIMARY KEY (model_id, key);

ALTER TABLE duetmind.registered_model_tags
  ADD CONSTRAINT registered_model_tags_value_check CHECK ((char_length(value) <= 100000));

ALTER TABLE duetmind.runs
  ADD CONSTRAINT runs_check CHECK (((deleted_at IS NULL) OR (lifecycle_stage = 'deleted'::text)));

ALTER TABLE duetmind.runs
  ADD CONSTRAINT runs_lifecycle_stage_check CHECK ((lifecycle_stage = ANY (ARRAY['active'::text, 'deleted'::text])));

ALTER TABLE duetmind.runs
  ADD CONSTRAINT runs_pkey PRIMARY KEY (run_id);

ALTER TABLE duetmind.runs
  ADD CONSTRAINT runs_record_digest_key UNIQUE (record_digest);

ALTER TABLE duetmind.runs
  ADD CONSTRAINT runs_run_id_check CHECK ((run_id ~ '^[a-zA-Z0-9][a-zA-Z0-9_-]{0,255}$'::text));

ALTER TABLE duetmind.runs
  ADD CONSTRAINT runs_status_check CHECK ((status = ANY (ARRAY['RUNNING'::text, 'SCHEDULED'::text, 'FINISHED'::text, 'FAILED'::text, 'KILLED'::text])));

ALTER TABLE duetmind.schema_migration
  ADD CONSTRAINT schema_migration_pkey PRIMARY KEY (number);

ALTER TABLE duetmind.stage_record
  ADD CONSTRAINT stage_record_digest_check CHECK ((digest ~ '^sha256:[0-9a-f]{64}$'::text));

ALTER TABLE duetmind.stage_record
  ADD CONSTRAINT stage_record_pkey PRIMARY KEY (digest);

ALTER TABLE duetmind.stage_record
  ADD CONSTRAINT stage_record_stage_check CHECK ((stage = ANY (ARRAY['data'::text, 'features'::text, 'train'::text])));

ALTER TABLE duetmind.tags
  ADD CONSTRAINT tags_key_check CHECK ((char_length(key) <= 250));

ALTER TABLE duetmind.tags
  ADD CONSTRAINT tags_pkey PRIMARY KEY (run_id, key);

ALTER TABLE duetmind.tags
  ADD CONSTRAINT tags_value_check CHECK ((char_length(value) <= 8000));

ALTER TABLE duetmind.version_counter
  ADD CONSTRAINT version_counter_kind_check CHECK ((kind = ANY (ARRAY['dataset'::text, 'feature_view'::text, 'model'::text])));

ALTER TABLE duetmind.version_counter
  ADD CONSTRAINT version_counter_last_version_check CHECK ((last_version >= 0));

ALTER TABLE duetmind.version_counter
  ADD CONSTRAINT version_counter_pkey PRIMARY KEY (kind, name);

ALTER TABLE duetmind.webhook
  ADD CONSTRAINT webhook_events_check CHECK ((jsonb_typeof(events) = 'array'::text));

ALTER TABLE duetmind.webhook
  ADD CONSTRAINT webhook_pkey PRIMARY KEY (id);

ALTER TABLE duetmind.webhook
  ADD CONSTRAINT webhook_status_check CHECK ((status = ANY (ARRAY['ACTIVE'::text, 'DISABLED'::text])));

ALTER TABLE duetmind.webhook
  ADD CONSTRAINT webhook_url_check CHECK ((char_length(url) <= 2048));

ALTER TABLE duetmind.agent_memory
  ADD CONSTRAINT agent_memory_superseded_by_fkey FOREIGN KEY (superseded_by) REFERENCES duetmind.agent_memory(id) ON DELETE CASCADE;

ALTER TABLE duetmind.agent_memory
  ADD CONSTRAINT agent_memory_tenant_agent_session_id_fkey FOREIGN KEY (tenant, agent, session_id) REFERENCES duetmind.agent_sessions(tenant, agent, session_id);

ALTER TABLE duetmind.data_quality_metrics
  ADD CONSTRAINT data_quality_metrics_dataset_id_fkey FOREIGN KEY (dataset_id) REFERENCES duetmind.dataset_catalog(id) ON DELETE CASCADE;

ALTER TABLE duetmind.data_quality_metrics
  ADD CONSTRAINT data_quality_metrics_record_digest_fkey FOREIGN KEY (record_digest) REFERENCES duetmind.stage_record(digest);

ALTER TABLE duetmind.dataset_catalog
  ADD CONSTRAINT dataset_catalog_feature_view_id_fkey FOREIGN KEY (feature_view_id) REFERENCES duetmind.feature_view(id);

ALTER TABLE duetmind.dataset_catalog
  ADD CONSTRAINT dataset_catalog_record_digest_fkey FOREIGN KEY (record_digest) REFERENCES duetmind.stage_record(digest);

ALTER TABLE duetmind.dataset_source
  ADD CONSTRAINT dataset_source_dataset_id_fkey FOREIGN KEY (dataset_id) REFERENCES duetmind.dataset_catalog(id) ON DELETE CASCADE;

ALTER TABLE duetmind.dataset_source
  ADD CONSTRAINT dataset_source_source_dataset_id_fkey FOREIGN KEY (source_dataset_id) REFERENCES duetmind.dataset_catalog(id);

ALTER TABLE duetmind.datasets
  ADD CONSTRAINT datasets_catalog_id_fkey FOREIGN KEY (catalog_id) REFERENCES duetmind.dataset_catalog(id);

ALTER TABLE duetmind.datasets
  ADD CONSTRAINT datasets_experiment_id_fkey FOREIGN KEY (experiment_id) REFERENCES duetmind.experiments(experiment_id) ON DELETE CASCADE;

ALTER TABLE duetmind.delivery
  ADD CONSTRAINT delivery_event_id_fkey FOREIGN KEY (event_id) REFERENCES duetmind.event(id) ON DELETE CASCADE;

ALTER TABLE duetmind.delivery
  ADD CONSTRAINT delivery_webhook_id_fkey FOREIGN KEY (webhook_id) REFERENCES duetmind.webhook(id) ON DELETE CASCADE;

ALTER TABLE duetmind.experiment_tags
  ADD CONSTRAINT experiment_tags_experiment_id_fkey FOREIGN KEY (experiment_id) REFERENCES duetmind.experiments(experiment_id) ON DELETE CASCADE;

ALTER TABLE duetmind.feature_view
  ADD CONSTRAINT feature_view_record_digest_fkey FOREIGN KEY (record_digest) REFERENCES duetmind.stage_record(digest);

ALTER TABLE duetmind.feature_view_dataset
  ADD CONSTRAINT feature_view_dataset_dataset_id_fkey FOREIGN KEY (dataset_id) REFERENCES duetmind.dataset_catalog(id);

ALTER TABLE duetmind.feature_view_dataset
  ADD CONSTRAINT feature_view_dataset_feature_view_id_fkey FOREIGN KEY (feature_view_id) REFERENCES duetmind.feature_view(id) ON DELETE CASCADE;

ALTER TABLE duetmind.input_tags
  ADD CONSTRAINT input_tags_input_id_fkey FOREIGN KEY (input_id) REFERENCES duetmind.inputs(id) ON DELETE CASCADE;

ALTER TABLE duetmind.inputs
  ADD CONSTRAINT inputs_dataset_id_fkey FOREIGN KEY (dataset_id) REFERENCES duetmind.datasets(id);

ALTER TABLE duetmind.inputs
  ADD CONSTRAINT inputs_run_id_fkey FOREIGN KEY (run_id) REFERENCES duetmind.runs(run_id) ON DELETE CASCADE;

ALTER TABLE duetmind.latest_metrics
  ADD CONSTRAINT latest_metrics_run_id_fkey FOREIGN KEY (run_id) REFERENCES duetmind.runs(run_id) ON DELETE CASCADE;

ALTER TABLE duetmind.logged_model_metrics
  ADD CONSTRAINT logged_model_metrics_model_id_fkey FOREIGN KEY (model_id) REFERENCES duetmind.logged_models(model_id) ON DELETE CASCADE;

ALTER TABLE duetmind.logged_model_metrics
  ADD CONSTRAINT logged_model_metrics_run_id_fkey FOREIGN KEY (run_id) REFERENCES duetmind.runs(run_id) ON DELETE CASCADE;

ALTER TABLE duetmind.logged_model_params
  ADD CONSTRAINT logged_model_params_model_id_fkey FOREIGN KEY (model_id) REFERENCES duetmind.logged_models(model_id) ON DELETE CASCADE;

ALTER TABLE duetmind.logged_model_tags
  ADD CONSTRAINT logged_model_tags_model_id_fkey FOREIGN KEY (model_id) REFERENCES duetmind.logged_models(model_id) ON DELETE CASCADE;

ALTER TABLE duetmind.logged_models
  ADD CONSTRAINT logged_models_experiment_id_fkey FOREIGN KEY (experiment_id) REFERENCES duetmind.experiments(experiment_id);

ALTER TABLE duetmind.memory_associations
  ADD CONSTRAINT memory_associations_from_id_fkey FOREIGN KEY (from_id) REFERENCES duetmind.agent_memory(id) ON DELETE CASCADE;

ALTER TABLE duetmind.memory_associations
  ADD CONSTRAINT memory_associations_to_id_fkey FOREIGN KEY (to_id) REFERENCES duetmind.agent_memory(id) ON DELETE CASCADE;

ALTER TABLE duetmind.memory_embedding
  ADD CONSTRAINT memory_embedding_memory_id_fkey FOREIGN KEY (memory_id) REFERENCES duetmind.agent_memory(id) ON DELETE CASCADE;

ALTER TABLE duetmind.memory_recall
  ADD CONSTRAINT memory_recall_memory_id_fkey FOREIGN KEY (memory_id) REFERENCES duetmind.agent_memory(id) ON DELETE CASCADE;

ALTER TABLE duetmind.memory_task
  ADD CONSTRAINT memory_task_memory_id_fkey FOREIGN KEY (memory_id) REFERENCES duetmind.agent_memory(id) ON DELETE CASCADE;

ALTER TABLE duetmind.metrics
  ADD CONSTRAINT metrics_run_id_fkey FOREIGN KEY (run_id) REFERENCES duetmind.runs(run_id) ON DELETE CASCADE;

ALTER TABLE duetmind.model_inputs
  ADD CONSTRAINT model_inputs_run_id_fkey FOREIGN KEY (run_id) REFERENCES duetmind.runs(run_id) ON DELETE CASCADE;

ALTER TABLE duetmind.model_outputs
  ADD CONSTRAINT model_outputs_run_id_fkey FOREIGN KEY (run_id) REFERENCES duetmind.runs(run_id) ON DELETE CASCADE;

ALTER TABLE duetmind.model_version_detail
  ADD CONSTRAINT model_version_detail_feature_view_id_fkey FOREIGN KEY (feature_view_id) REFERENCES duetmind.feature_view(id);

ALTER TABLE duetmind.model_version_detail
  ADD CONSTRAINT model_version_detail_model_id_fkey FOREIGN KEY (model_id) REFERENCES duetmind.model_registry(id) ON DELETE CASCADE;

ALTER TABLE duetmind.model_version_detail
  ADD CONSTRAINT model_version_detail_record_digest_fkey FOREIGN KEY (record_digest) REFERENCES duetmind.stage_record(digest);

ALTER TABLE duetmind.model_version_detail
  ADD CONSTRAINT model_version_detail_training_dataset_id_fkey FOREIGN KEY (training_dataset_id) REFERENCES duetmind.dataset_catalog(id);

ALTER TABLE duetmind.model_version_detail
  ADD CONSTRAINT model_version_detail_validation_dataset_id_fkey FOREIGN KEY (validation_dataset_id) REFERENCES duetmind.dataset_catalog(id);

ALTER TABLE duetmind.model_version_tags
  ADD CONSTRAINT model_version_tags_version_id_fkey FOREIGN KEY (version_id) REFERENCES duetmind.model_version_detail(id) ON DELETE CASCADE;

ALTER TABLE duetmind.params
  ADD CONSTRAINT params_run_id_fkey FOREIGN KEY (run_id) REFERENCES duetmind.runs(run_id) ON DELETE CASCADE;

ALTER TABLE duetmind.registered_model_aliases
  ADD CONSTRAINT registered_model_aliases_model_id_fkey FOREIGN KEY (model_id) REFERENCES duetmind.model_registry(id) ON DELETE CASCADE;

ALTER TABLE duetmind.registered_model_aliases
  ADD CONSTRAINT registered_model_aliases_model_id_version_fkey FOREIGN KEY (model_id, version) REFERENCES duetmind.model_version_detail(model_id, version) ON DELETE CASCADE;

ALTER TABLE duetmind.registered_model_tags
  ADD CONSTRAINT registered_model_tags_model_id_fkey FOREIGN KEY (model_id) REFERENCES duetmind.model_registry(id) ON DELETE CASCADE;

ALTER TABLE duetmind.runs
  ADD CONSTRAINT runs_experiment_id_fkey FOREIGN KEY (experiment_id) REFERENCES duetmind.experiments(experiment_id);

ALTER TABLE duetmind.runs
  ADD CONSTRAINT runs_record_digest_fkey FOREIGN KEY (record_digest) REFERENCES duetmind.stage_record(digest);

ALTER TABLE duetmind.tags
  ADD CONSTRAINT tags_run_id_fkey FOREIGN KEY (run_id) REFERENCES duetmind.runs(run_id) ON DELETE CASCADE;

CREATE UNIQUE INDEX agent_memory_digest ON duetmind.agent_memory USING btree (tenant, agent, session_id, content_digest);

CREATE INDEX agent_memory_expires_at ON duetmind.agent_memory USING btree (expires_at) WHERE (expires_at IS NOT NULL);

CREATE UNIQUE INDEX agent_memory_position ON duetmind.agent_memory USING btree ("position");

CREATE INDEX agent_memory_shared ON duetmind.agent_memory USING btree (tenant, scope, agent) WHERE (scope <> 'session'::text);

CREATE INDEX agent_memory_subject ON duetmind.agent_memory USING btree (tenant, subject) WHERE (subject IS NOT NULL);

CREATE INDEX agent_memory_superseded_by ON duetmind.agent_memory USING btree (superseded_by) WHERE (superseded_by IS NOT NULL);

CREATE INDEX artifact_file_digest ON duetmind.artifact_file USING btree (digest);

CREATE INDEX audit_event_at ON duetmind.audit_event USING btree (at);

CREATE INDEX audit_event_object ON duetmind.audit_event USING btree (object_type, object_id, at);

CREATE INDEX data_quality_metrics_record_digest ON duetmind.data_quality_metrics USING btree (record_digest);

CREATE INDEX dataset_catalog_content_sha256 ON duetmind.dataset_catalog USING btree (content_sha256);

CREATE INDEX dataset_catalog_feature_view_id ON duetmind.dataset_catalog USING btree (feature_view_id);

CREATE INDEX dataset_catalog_record_digest ON duetmind.dataset_catalog USING btree (record_digest);

CREATE INDEX dataset_catalog_schema_hash ON duetmind.dataset_catalog USING btree (schema_hash);

CREATE INDEX dataset_source_source_dataset_id ON duetmind.dataset_source USING btree (source_dataset_id);

CREATE INDEX datasets_catalog_id ON duetmind.datasets USING btree (catalog_id);

CREATE INDEX delivery_waiting ON duetmind.delivery USING btree (next_attempt_at) WHERE (state = 'waiting'::text);

CREATE INDEX delivery_webhook_id ON duetmind.delivery USING btree (webhook_id);

CREATE INDEX event_at ON duetmind.event USING btree (at);

CREATE INDEX event_unnumbered ON duetmind.event USING btree (at, id) WHERE (number IS NULL);

CREATE INDEX experiments_created_at ON duetmind.experiments USING btree (created_at DESC, experiment_id);

CREATE INDEX feature_view_dataset_dataset_id ON duetmind.feature_view_dataset USING btree (dataset_id);

CREATE INDEX feature_view_feature_hash ON duetmind.feature_view USING btree (feature_hash);

CREATE INDEX feature_view_record_digest ON duetmind.feature_view USING btree (record_digest);

CREATE INDEX idempotent_reply_created_at ON duetmind.idempotent_reply USING btree (created_at);

CREATE INDEX ingest_run_dataset ON duetmind.ingest_run USING btree (dataset, started_at DESC, id);

CREATE INDEX inputs_dataset_id ON duetmind.inputs USING btree (dataset_id);

CREATE INDEX job_state ON duetmind.job USING btree (state, created_at);

CREATE INDEX latest_metrics_key_value ON duetmind.latest_metrics USING btree (key, value);

CREATE INDEX logged_model_metrics_key_value ON duetmind.logged_model_metrics USING btree (key, value);

CREATE INDEX logged_model_metrics_run_id ON duetmind.logged_model_metrics USING btree (run_id);

CREATE INDEX logged_models_experiment_id ON duetmind.logged_models USING btree (experiment_id, created_at DESC, model_id);

CREATE INDEX logged_models_source_run_id ON duetmind.logged_models USING btree (source_run_id);

CREATE INDEX memory_associations_to_id ON duetmind.memory_associations USING btree (to_id);

CREATE INDEX memory_embedding_session ON duetmind.memory_embedding USING btree (session_key, "position");

CREATE INDEX memory_embedding_shared ON duetmind.memory_embedding USING btree (tenant, scope, agent) WHERE (scope <> 'session'::text);

CREATE INDEX memory_forgotten_purge_at ON duetmind.memory_forgotten USING btree (purge_at);

CREATE INDEX memory_recall_memory_id ON duetmind.memory_recall USING btree (memory_id);

CREATE INDEX memory_recall_recalled_at ON duetmind.memory_recall USING btree (recalled_at);

CREATE INDEX memory_task_due_at ON duetmind.memory_task USING btree (due_at, tenant, agent, session_id, memory_id);

CREATE INDEX memory_terms_shared ON duetmind.memory_terms USING btree (tenant, term) WHERE (scope <> 'session'::text);

CREATE INDEX model_inputs_model_id ON duetmind.model_inputs USING btree (model_id);

CREATE INDEX model_outputs_model_id ON duetmind.model_outputs USING btree (model_id);

CREATE INDEX model_version_detail_feature_hash ON duetmind.model_version_detail USING btree (feature_hash);

CREATE INDEX model_version_detail_feature_view_id ON duetmind.model_version_detail USING btree (feature_view_id);

CREATE INDEX model_version_detail_logged_model_id ON duetmind.model_version_detail USING btree (logged_model_id);

CREATE INDEX model_version_detail_mlflow_run_id ON duetmind.model_version_detail USING btree (mlflow_run_id);

CREATE INDEX model_version_detail_record_digest ON duetmind.model_version_detail USING btree (record_digest);

CREATE INDEX model_version_detail_training_dataset_id ON duetmind.model_version_detail USING btree (training_dataset_id);

CREATE INDEX model_version_detail_updated_at ON duetmind.model_version_detail USING btree (updated_at DESC, model_id, version DESC);

CREATE INDEX model_version_detail_validation_dataset_id ON duetmind.model_version_detail USING btree (validation_dataset_id);

CREATE INDEX params_key_value ON duetmind.params USING btree (key, "left"(value, 128) COLLATE "C");

CREATE INDEX registered_model_aliases_version ON duetmind.registered_model_aliases USING btree (model_id, version);

CREATE INDEX runs_experiment_id ON duetmind.runs USING btree (experiment_id, started_at DESC, run_id);

CREATE INDEX runs_started_at ON duetmind.runs USING btree (started_at DESC, run_id);

CREATE INDEX stage_record_stage ON duetmind.stage_record USING btree (stage, registered_at);

CREATE INDEX tags_key_value ON duetmind.tags USING btree (key, "left"(value, 128) COLLATE "C") WHERE (key <> ALL (ARRAY['mlflow.runName'::text, 'mlflow.source.name'::text, 'mlflow.source.type'::text, 'mlflow.user'::text]));

CREATE VIEW duetmind.experiment_tracking AS
 SELECT r.run_id,
    r.experiment_id,
    e.name AS experiment_name,
    r.run_name,
    r.user_id,
    r.status,
    r.lifecycle_stage,
    r.started_at,
    r.ended_at,
    r.artifact_uri,
    ( SELECT COALESCE(jsonb_object_agg(p.key, p.value), '{}'::jsonb) AS "coalesce"
           FROM duetmind.params p
          WHERE (p.run_id = r.run_id)) AS params,
    ( SELECT COALESCE(jsonb_object_agg(m.key, m.value), '{}'::jsonb) AS "coalesce"
           FROM duetmind.latest_metrics m
          WHERE (m.run_id = r.run_id)) AS metrics,
    ( SELECT COALESCE(jsonb_object_agg(t.key, t.value), '{}'::jsonb) AS "coalesce"
           FROM duetmind.tags t
          WHERE (t.run_id = r.run_id)) AS tags
   FROM (duetmind.runs r
     JOIN duetmind.experiments e USING (experiment_id));

CREATE TRIGGER agent_memory_add_terms AFTER INSERT ON duetmind.agent_memory REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION duetmind.add_memory_terms();

CREATE TRIGGER agent_memory_move_terms AFTER UPDATE ON duetmind.agent_memory FOR EACH ROW WHEN (((old.terms IS DISTINCT FROM new.terms) OR (old.scope IS DISTINCT FROM new.scope))) EXECUTE FUNCTION duetmind.move_memory_terms();

CREATE TRIGGER agent_memory_remove_terms AFTER DELETE ON duetmind.agent_memory REFERENCING OLD TABLE AS removed FOR EACH STATEMENT EXECUTE FUNCTION duetmind.remove_memory_terms();

CREATE TRIGGER artifact_file_deleted AFTER DELETE ON duetmind.artifact_file REFERENCING OLD TABLE AS removed FOR EACH STATEMENT EXECUTE FUNCTION duetmind.note_deleted_files();

CREATE TRIGGER artifact_file_replaced AFTER UPDATE ON duetmind.artifact_file FOR EACH ROW WHEN ((old.digest IS DISTINCT FROM new.digest)) EXECUTE FUNCTION duetmind.note_replaced_file();

CREATE TRIGGER audit_event_append_only BEFORE DELETE OR UPDATE ON duetmind.audit_event FOR EACH ROW EXECUTE FUNCTION duetmind.refuse_audit_change();

CREATE TRIGGER audit_event_no_truncate BEFORE TRUNCATE ON duetmind.audit_event FOR EACH STATEMENT EXECUTE FUNCTION duetmind.refuse_audit_change();

CREATE TRIGGER memory_associations_note AFTER INSERT OR UPDATE ON duetmind.memory_associations FOR EACH ROW WHEN ((NOT (new.is_automatic AND (new.relation = 'similar'::text)))) EXECUTE FUNCTION duetmind.note_associated();

CREATE TRIGGER stage_record_names AFTER INSERT ON duetmind.stage_record FOR EACH ROW EXECUTE FUNCTION duetmind.note_recorded_objects();

ALTER TABLE duetmind.agent_memory ENABLE ROW LEVEL SECURITY;

ALTER TABLE duetmind.agent_sessions ENABLE ROW LEVEL SECURITY;

ALTER TABLE duetmind.memory_associations ENABLE ROW LEVEL SECURITY;

ALTER TABLE duetmind.memory_embedding ENABLE ROW LEVEL SECURITY;

ALTER TABLE duetmind.memory_forgotten ENABLE ROW LEVEL SECURITY;

ALTER TABLE duetmind.memory_recall ENABLE ROW LEVEL SECURITY;

ALTER TABLE duetmind.memory_task ENABLE ROW LEVEL SECURITY;

ALTER TABLE duetmind.memory_term_totals ENABLE ROW LEVEL SECURITY;

ALTER TABLE duetmind.memory_terms ENABLE ROW LEVEL SECURITY;

CREATE POLICY own ON duetmind.agent_memory FOR ALL
  USING (((tenant = ( SELECT duetmind.memory_tenant() AS memory_tenant)) AND (( SELECT (current_setting('duetmind.reach'::text, true) = 'tenant'::text)) OR ((agent = ( SELECT current_setting('duetmind.agent'::text, true) AS current_setting)) AND (( SELECT (current_setting('duetmind.reach'::text, true) = 'agent'::text)) OR (session_id = ANY (( SELECT duetmind.memory_sessions() AS memory_sessions)::text[]))))) AND ((expires_at IS NULL) OR (expires_at > ( SELECT duetmind.memory_time() AS memory_time)))));

CREATE POLICY shared ON duetmind.agent_memory FOR SELECT
  USING (((tenant = ( SELECT duetmind.memory_tenant() AS memory_tenant)) AND (scope <> 'session'::text) AND ((scope = 'tenant'::text) OR (agent = ( SELECT current_setting('duetmind.agent'::text, true) AS current_setting))) AND ((expires_at IS NULL) OR (expires_at > ( SELECT duetmind.memory_time() AS memory_time)))));

CREATE POLICY upkeep_delete ON duetmind.agent_memory FOR DELETE
  USING (((( SELECT current_setting('duetmind.reach'::text, true) AS current_setting) = 'upkeep'::text) AND (expires_at <= ( SELECT duetmind.memory_time() AS memory_time))));

CREATE POLICY upkeep_select ON duetmind.agent_memory FOR SELECT
  USING (((( SELECT current_setting('duetmind.reach'::text, true) AS current_setting) = 'upkeep'::text) AND (expires_at <= ( SELECT duetmind.memory_time() AS memory_time))));

CREATE POLICY own ON duetmind.agent_sessions FOR ALL
  USING (((tenant = ( SELECT duetmind.memory_tenant() AS memory_tenant)) AND (( SELECT (current_setting('duetmind.reach'::text, true) = 'tenant'::text)) OR ((agent = ( SELECT current_setting('duetmind.agent'::text, true) AS current_setting)) AND (( SELECT (current_setting('duetmind.reach'::text, true) = 'agent'::text)) OR (session_id = ANY (( SELECT duetmind.memory_sessions() AS memory_sessions)::text[])))))));

CREATE POLICY upkeep ON duetmind.agent_sessions FOR SELECT
  USING ((( SELECT current_setting('duetmind.reach'::text, true) AS current_setting) = 'upkeep'::text));

CREATE POLICY own ON duetmind.memory_associations FOR ALL
  USING (((tenant = ( SELECT current_setting('duetmind.tenant'::text, true) AS current_setting)) AND (EXISTS ( SELECT
   FROM duetmind.agent_memory m
  WHERE (m.id = memory_associations.from_id))) AND (EXISTS ( SELECT
   FROM duetmind.agent_memory m
  WHERE (m.id = memory_associations.to_id)))));

CREATE POLICY own ON duetmind.memory_embedding FOR ALL
  USING (((tenant = ( SELECT duetmind.memory_tenant() AS memory_tenant)) AND (( SELECT (current_setting('duetmind.reach'::text, true) = 'tenant'::text)) OR ((agent = ( SELECT current_setting('duetmind.agent'::text, true) AS current_setting)) AND (( SELECT (current_setting('duetmind.reach'::text, true) = 'agent'::text)) OR (session_id = ANY (( SELECT duetmind.memory_sessions() AS memory_sessions)::text[])))))))
  WITH CHECK (((tenant = ( SELECT duetmind.memory_tenant() AS memory_tenant)) AND (( SELECT (current_setting('duetmind.reach'::text, true) = 'tenant'::text)) OR ((agent = ( SELECT current_setting('duetmind.agent'::text, true) AS current_setting)) AND (( SELECT (current_setting('duetmind.reach'::text, true) = 'agent'::text)) OR (session_id = ANY (( SELECT duetmind.memory_sessions() AS memory_sessions)::text[]))))) AND (EXISTS ( SELECT
   FROM duetmind.agent_memory m
  WHERE ((m.id = memory_embedding.memory_id) AND (m.tenant = memory_embedding.tenant) AND (m.agent = memory_embedding.agent) AND (m.session_id = memory_embedding.session_id) AND (m.scope = memory_embedding.scope))))));

CREATE POLICY shared ON duetmind.memory_embedding FOR SELECT
  USING (((tenant = ( SELECT duetmind.memory_tenant() AS memory_tenant)) AND (scope <> 'session'::text) AND ((scope = 'tenant'::text) OR (agent = ( SELECT current_setting('duetmind.agent'::text, true) AS current_setting)))));

CREATE POLICY own ON duetmind.memory_forgotten FOR ALL
  USING (((tenant = ( SELECT duetmind.memory_tenant() AS memory_tenant)) AND (( SELECT (current_setting('duetmind.reach'::text, true) = 'tenant'::text)) OR ((agent = ( SELECT current_setting('duetmind.agent'::text, true) AS current_setting)) AND (( SELECT (current_setting('duetmind.reach'::text, true) = 'agent'::text)) OR (session_id = ANY (( SELECT duetmind.memory_sessions() AS memory_sessions)::text[])))))));

CREATE POLICY upkeep_delete ON duetmind.memory_forgotten FOR DELETE
  USING (((( SELECT current_setting('duetmind.reach'::text, true) AS current_setting) = 'upkeep'::text) AND (purge_at <= ( SELECT duetmind.memory_time() AS memory_time))));

CREATE POLICY upkeep_select ON duetmind.memory_forgotten FOR SELECT
  USING (((( SELECT current_setting('duetmind.reach'::text, true) AS current_setting) = 'upkeep'::text) AND (purge_at <= ( SELECT duetmind.memory_time() AS memory_time))));

CREATE POLICY own ON duetmind.memory_recall FOR ALL
  USING (((tenant = ( SELECT current_setting('duetmind.tenant'::text, true) AS current_setting)) AND (agent = ( SELECT current_setting('duetmind.agent'::text, true) AS current_setting)) AND (( SELECT current_setting('duetmind.reach'::text, true) AS current_setting) = ANY (ARRAY['session'::text, 'agent'::text, 'tenant'::text]))))
  WITH CHECK (((tenant = ( SELECT current_setting('duetmind.tenant'::text, true) AS current_setting)) AND (agent = ( SELECT current_setting('duetmind.agent'::text, true) AS current_setting)) AND (EXISTS ( SELECT
   FROM duetmind.agent_memory m
  WHERE (m.id = memory_recall.memory_id)))));

CREATE POLICY upkeep_delete ON duetmind.memory_recall FOR DELETE
  USING ((( SELECT current_setting('duetmind.reach'::text, true) AS current_setting) = 'upkeep'::text));

CREATE POLICY upkeep_select ON duetmind.memory_recall FOR SELECT
  USING ((( SELECT current_setting('duetmind.reach'::text, true) AS current_setting) = 'upkeep'::text));

CREATE POLICY own ON duetmind.memory_task FOR INSERT
  WITH CHECK (((tenant = ( SELECT current_setting('duetmind.tenant'::text, true) AS current_setting)) AND (EXISTS ( SELECT
   FROM duetmind.agent_memory m
  WHERE ((m.id = memory_task.memory_id) AND (m.tenant = memory_task.tenant) AND (m.agent = memory_task.agent) AND (m.session_id = memory_task.session_id))))));

CREATE POLICY upkeep ON duetmind.memory_task FOR ALL
  USING ((( SELECT current_setting('duetmind.reach'::text, true) AS current_setting) = 'upkeep'::text));

CREATE POLICY own ON duetmind.memory_term_totals FOR SELECT
  USING (((tenant = ( SELECT duetmind.memory_tenant() AS memory_tenant)) AND (( SELECT (current_setting('duetmind.reach'::text, true) = 'tenant'::text)) OR ((agent = ( SELECT current_setting('duetmind.agent'::text, true) AS current_setting)) AND (( SELECT (current_setting('duetmind.reach'::text, true) = 'agent'::text)) OR (session_id = ANY (( SELECT duetmind.memory_sessions() AS memory_sessions)::text[])))))));

CREATE POLICY shared ON duetmind.memory_term_totals FOR SELECT
  USING (((tenant = ( SELECT duetmind.memory_tenant() AS memory_tenant)) AND (scope <> 'session'::text) AND ((scope = 'tenant'::text) OR (agent = ( SELECT current_setting('duetmind.agent'::text, true) AS current_setting)))));

CREATE POLICY own ON duetmind.memory_terms FOR SELECT
  USING (((tenant = ( SELECT duetmind.memory_tenant() AS memory_tenant)) AND (( SELECT (current_setting('duetmind.reach'::text, true) = 'tenant'::text)) OR ((agent = ( SELECT current_setting('duetmind.agent'::text, true) AS current_setting)) AND (( SELECT (current_setting('duetmind.reach'::text, true) = 'agent'::text)) OR (session_id = ANY (( SELECT duetmind.memory_sessions() AS memory_sessions)::text[])))))));

CREATE POLICY shared ON duetmind.memory_terms FOR SELECT
  USING (((tenant = ( SELECT duetmind.memory_tenant() AS memory_tenant)) AND (scope <> 'session'::text) AND ((scope = 'tenant'::text) OR (agent = ( SELECT current_setting('duetmind.agent'::text, true) AS current_setting)))));
