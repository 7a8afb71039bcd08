-- Agent memory: what agents reason, live through and know. A tenant, an agent and a session see only
-- theirs; the policies below enforce it for the role duetmind_memory, which every transaction on these
-- tables takes (SET LOCAL ROLE) together with who asks (duetmind.tenant, .agent, .sessions, .reach) and
-- when (duetmind.at: what has expired by then is not there).

-- What this user may not do is said as the statements that an administrator runs instead.
DO $$
DECLARE
  major text := current_setting('server_version_num')::int / 10000;
BEGIN
  CREATE EXTENSION IF NOT EXISTS vector WITH SCHEMA public;
  IF to_regtype('public.vector') IS NULL THEN
    RAISE object_not_in_prerequisite_state USING
      MESSAGE = 'expected the extension pgvector in the schema public, got it in another',
      HINT = 'let an administrator run: ALTER EXTENSION vector SET SCHEMA public; then run: duetmind db migrate';
  END IF;
EXCEPTION
  WHEN feature_not_supported OR undefined_file THEN
    RAISE feature_not_supported USING MESSAGE = 'expected the extension pgvector on the server, got none',
      HINT = format('install it there (Debian and Ubuntu: apt install postgresql-%s-pgvector), then run: duetmind db migrate', major);
  WHEN insufficient_privilege THEN
    RAISE insufficient_privilege USING MESSAGE = 'expected a user who may create extensions, got ' || current_user,
      HINT = 'let an administrator run: CREATE EXTENSION vector WITH SCHEMA public; then run: duetmind db migrate';
END $$;

DO $$
DECLARE
  -- 'SET' came with PostgreSQL 16; before it every member may take the role
  may text :=
    CASE WHEN current_setting('server_version_num')::int >= 160000 THEN 'SET' ELSE 'MEMBER' END;
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'duetmind_memory') THEN
    BEGIN
      CREATE ROLE duetmind_memory NOLOGIN NOBYPASSRLS;
    EXCEPTION WHEN duplicate_object OR unique_violation THEN
      NULL; -- made meanwhile, for another database of the server
    END;
  END IF;
  IF NOT pg_has_role('duetmind_memory', may) THEN
    EXECUTE format('GRANT duetmind_memory TO %I', current_user);
  END IF;
EXCEPTION WHEN insufficient_privilege THEN
  RAISE insufficient_privilege USING
    MESSAGE = format('expected a user who may take the role duetmind_memory, got %s', current_user),
    HINT = format('let an administrator run: %sGRANT duetmind_memory TO %I; then run: duetmind db migrate',
      CASE WHEN EXISTS (SELECT FROM pg_roles WHERE rolname = 'duetmind_memory') THEN ''
        ELSE 'CREATE ROLE duetmind_memory NOLOGIN NOBYPASSRLS; ' END, current_user);
END $$;

CREATE TABLE duetmind.agent_sessions (
  tenant text NOT NULL CHECK (tenant <> '' AND char_length(tenant) <= 200),
  agent text NOT NULL CHECK (agent <> '' AND char_length(agent) <= 200),
  session_id text NOT NULL CHECK (session_id <> '' AND char_length(session_id) <= 200),
  metadata jsonb NOT NULL DEFAULT '{}',
  created_at timestamptz NOT NULL,
  last_active_at timestamptz NOT NULL,
  PRIMARY KEY (tenant, agent, session_id)
);

CREATE TABLE duetmind.agent_memory (
  id uuid PRIMARY KEY,
  tenant text NOT NULL,
  agent text NOT NULL,
  session_id text NOT NULL,
  -- who else sees it: nobody, the agent's other sessions, the tenant's other agents
  scope text NOT NULL DEFAULT 'session' CHECK (scope IN ('session', 'agent', 'tenant')),
  -- the order of a session: neighbours are the memories stored just before and after
  position bigint GENERATED ALWAYS AS IDENTITY,
  -- in clear, or sealed with AES-256-GCM
  content text,
  content_sealed bytea,
  -- of content and metadata: equal ones in a session are one memory
  content_digest text NOT NULL,
  memory_type text NOT NULL CHECK (memory_type <> '' AND char_length(memory_type) <= 100),
  importance_score double precision NOT NULL CHECK (importance_score BETWEEN 0 AND 1),
  metadata jsonb NOT NULL DEFAULT '{}',
  -- whom or what it is about, for `forget`
  subject text,
  source text,
  actor text,
  -- how far its origin is to be believed: 0 unknown … 1 verified
  trust double precision NOT NULL DEFAULT 0.5 CHECK (trust BETWEEN 0 AND 1),
  -- where it is known to come from: stored, imported, consolidated
  origin text NOT NULL CHECK (origin IN ('stored', 'imported', 'consolidated')),
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  valid_from timestamptz,
  valid_to timestamptz,
  expires_at timestamptz,
  last_accessed timestamptz,
  access_count integer NOT NULL DEFAULT 0,
  -- how often it was stored again
  repeat_count integer NOT NULL DEFAULT 0,
  -- the memory that consolidation put in its place
  superseded_by uuid REFERENCES duetmind.agent_memory (id) ON DELETE SET NULL,
  FOREIGN KEY (tenant, agent, session_id) REFERENCES duetmind.agent_sessions,
  CHECK ((content IS NULL) <> (content_sealed IS NULL)),
  CHECK (valid_to IS NULL OR valid_from IS NULL OR valid_to >= valid_from)
) WITH (fillfactor = 85); -- room to count accesses beside the row, without a change of its indexes
CREATE UNIQUE INDEX agent_memory_digest
  ON duetmind.agent_memory (tenant, agent, session_id, content_digest);
CREATE INDEX agent_memory_position ON duetmind.agent_memory (tenant, agent, session_id, position);
CREATE INDEX agent_memory_shared ON duetmind.agent_memory (tenant, scope, agent)
  WHERE scope <> 'session';
CREATE INDEX agent_memory_expires_at ON duetmind.agent_memory (expires_at)
  WHERE expires_at IS NOT NULL;
CREATE INDEX agent_memory_subject ON duetmind.agent_memory (tenant, subject)
  WHERE subject IS NOT NULL;
CREATE INDEX agent_memory_superseded_by ON duetmind.agent_memory (superseded_by)
  WHERE superseded_by IS NOT NULL;

-- Whose memory the caller with this key has: the tenant and the agent come from here, never from an
-- argument of a call. NULL: those of params.yaml.
ALTER TABLE duetmind.api_key
  ADD COLUMN tenant text CHECK (tenant <> '' AND char_length(tenant) <= 200),
  ADD COLUMN agent text CHECK (agent <> '' AND char_length(agent) <= 200);

-- A vector for each chunk of a memory and each model. Vectors of two models are never compared: each
-- model has a partial index of its own, made when there is enough to search.
CREATE TABLE duetmind.memory_embedding (
  memory_id uuid NOT NULL REFERENCES duetmind.agent_memory (id) ON DELETE CASCADE,
  model_fingerprint text NOT NULL,
  chunk smallint NOT NULL CHECK (chunk >= 0),
  -- repeated from the memory, so that a search filters and a policy decides without a join
  tenant text NOT NULL,
  agent text NOT NULL,
  session_id text NOT NULL,
  scope text NOT NULL,
  embedding vector NOT NULL,
  PRIMARY KEY (memory_id, model_fingerprint, chunk)
);
CREATE INDEX memory_embedding_session
  ON duetmind.memory_embedding (tenant, agent, session_id, model_fingerprint);
CREATE INDEX memory_embedding_shared
  ON duetmind.memory_embedding (tenant, scope, agent) WHERE scope <> 'session';

-- What was forgotten softly: out of every search at once, with all that hung on it, and deleted later.
CREATE TABLE duetmind.memory_forgotten (
  id uuid PRIMARY KEY,
  tenant text NOT NULL,
  agent text NOT NULL,
  session_id text NOT NULL,
  -- the row of agent_memory, as it was
  memory jsonb NOT NULL,
  forgotten_at timestamptz NOT NULL,
  purge_at timestamptz NOT NULL
);
CREATE INDEX memory_forgotten_purge_at ON duetmind.memory_forgotten (purge_at);

-- What is directed is read from → to: "from causes to", "from is part of to".
CREATE TABLE duetmind.memory_associations (
  from_id uuid NOT NULL REFERENCES duetmind.agent_memory (id) ON DELETE CASCADE,
  to_id uuid NOT NULL REFERENCES duetmind.agent_memory (id) ON DELETE CASCADE,
  relation text NOT NULL
    CHECK (relation IN ('similar', 'causal', 'temporal', 'contradicts', 'supports', 'part-of')),
  tenant text NOT NULL,
  strength double precision NOT NULL CHECK (strength BETWEEN 0 AND 1),
  -- made by the platform (similar) or by somebody
  is_automatic boolean NOT NULL,
  actor text,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (from_id, to_id, relation),
  CHECK (from_id <> to_id)
);
CREATE INDEX memory_associations_to_id ON duetmind.memory_associations (to_id);

-- Who may see a row: for reach "tenant" everything of the tenant; for "agent" what is the agent's and what
-- is shared with the tenant; for "session" what is of the sessions named and what is shared. The same
-- decides what may be written, without what is shared. No setting, no row. "upkeep" sees which sessions
-- there are, and what has expired, to delete it.
--
-- Not FORCE: the owner of the tables dumps and restores them (pg_dump refuses where a policy hides rows).
ALTER TABLE duetmind.agent_sessions ENABLE ROW LEVEL SECURITY;
ALTER TABLE duetmind.agent_memory ENABLE ROW LEVEL SECURITY;
ALTER TABLE duetmind.memory_embedding ENABLE ROW LEVEL SECURITY;
ALTER TABLE duetmind.memory_associations ENABLE ROW LEVEL SECURITY;
ALTER TABLE duetmind.memory_forgotten ENABLE ROW LEVEL SECURITY;

-- Each is read once a statement: the policies ask in subqueries that depend on no row. A setting of an
-- earlier transaction is left as an empty text.
CREATE FUNCTION duetmind.memory_sessions() RETURNS text[] STABLE LANGUAGE sql AS
  $$ SELECT nullif(current_setting('duetmind.sessions', true), '')::text[] $$;
CREATE FUNCTION duetmind.memory_time() RETURNS timestamptz STABLE LANGUAGE sql AS
  $$ SELECT coalesce(nullif(current_setting('duetmind.at', true), '')::timestamptz, now()) $$;

CREATE POLICY own ON duetmind.agent_sessions
  USING (tenant = (SELECT current_setting('duetmind.tenant', true))
    AND CASE (SELECT current_setting('duetmind.reach', true))
      WHEN 'tenant' THEN true
      WHEN 'agent' THEN agent = (SELECT current_setting('duetmind.agent', true))
      WHEN 'session' THEN agent = (SELECT current_setting('duetmind.agent', true))
        AND session_id = ANY ((SELECT duetmind.memory_sessions())::text[])
      ELSE false
    END);
CREATE POLICY upkeep ON duetmind.agent_sessions FOR SELECT
  USING ((SELECT current_setting('duetmind.reach', true)) = 'upkeep');
CREATE POLICY own ON duetmind.agent_memory
  USING (tenant = (SELECT current_setting('duetmind.tenant', true))
    AND CASE (SELECT current_setting('duetmind.reach', true))
      WHEN 'tenant' THEN true
      WHEN 'agent' THEN agent = (SELECT current_setting('duetmind.agent', true))
      WHEN 'session' THEN agent = (SELECT current_setting('duetmind.agent', true))
        AND session_id = ANY ((SELECT duetmind.memory_sessions())::text[])
      ELSE false
    END
    AND (expires_at IS NULL OR expires_at > (SELECT duetmind.memory_time())));
CREATE POLICY shared ON duetmind.agent_memory FOR SELECT
  USING (tenant = (SELECT current_setting('duetmind.tenant', true))
    AND (SELECT current_setting('duetmind.reach', true)) IN ('agent', 'session')
    AND (scope = 'tenant'
      OR (scope = 'agent' AND agent = (SELECT current_setting('duetmind.agent', true))))
    AND (expires_at IS NULL OR expires_at > (SELECT duetmind.memory_time())));
CREATE POLICY upkeep_select ON duetmind.agent_memory FOR SELECT
  USING ((SELECT current_setting('duetmind.reach', true)) = 'upkeep'
    AND expires_at <= (SELECT duetmind.memory_time()));
CREATE POLICY upkeep_delete ON duetmind.agent_memory FOR DELETE
  USING ((SELECT current_setting('duetmind.reach', true)) = 'upkeep'
    AND expires_at <= (SELECT duetmind.memory_time()));
-- A vector is of a memory that may be written, and says the same of it.
CREATE POLICY own ON duetmind.memory_embedding
  USING (tenant = (SELECT current_setting('duetmind.tenant', true))
    AND CASE (SELECT current_setting('duetmind.reach', true))
      WHEN 'tenant' THEN true
      WHEN 'agent' THEN agent = (SELECT current_setting('duetmind.agent', true))
      WHEN 'session' THEN agent = (SELECT current_setting('duetmind.agent', true))
        AND session_id = ANY ((SELECT duetmind.memory_sessions())::text[])
      ELSE false
    END)
  WITH CHECK (tenant = (SELECT current_setting('duetmind.tenant', true))
    AND CASE (SELECT current_setting('duetmind.reach', true))
      WHEN 'tenant' THEN true
      WHEN 'agent' THEN agent = (SELECT current_setting('duetmind.agent', true))
      WHEN 'session' THEN agent = (SELECT current_setting('duetmind.agent', true))
        AND session_id = ANY ((SELECT duetmind.memory_sessions())::text[])
      ELSE false
    END
    AND EXISTS (SELECT FROM duetmind.agent_memory m WHERE m.id = memory_id
      AND m.tenant = memory_embedding.tenant AND m.agent = memory_embedding.agent
      AND m.session_id = memory_embedding.session_id AND m.scope = memory_embedding.scope));
CREATE POLICY shared ON duetmind.memory_embedding FOR SELECT
  USING (tenant = (SELECT current_setting('duetmind.tenant', true))
    AND (SELECT current_setting('duetmind.reach', true)) IN ('agent', 'session')
    AND (scope = 'tenant'
      OR (scope = 'agent' AND agent = (SELECT current_setting('duetmind.agent', true)))));
-- An association is seen where both of its ends are: the policy of agent_memory decides that.
CREATE POLICY own ON duetmind.memory_associations
  USING (tenant = (SELECT current_setting('duetmind.tenant', true))
    AND EXISTS (SELECT FROM duetmind.agent_memory m WHERE m.id = from_id)
    AND EXISTS (SELECT FROM duetmind.agent_memory m WHERE m.id = to_id));
CREATE POLICY own ON duetmind.memory_forgotten
  USING (tenant = (SELECT current_setting('duetmind.tenant', true))
    AND CASE (SELECT current_setting('duetmind.reach', true))
      WHEN 'tenant' THEN true
      WHEN 'agent' THEN agent = (SELECT current_setting('duetmind.agent', true))
      WHEN 'session' THEN agent = (SELECT current_setting('duetmind.agent', true))
        AND session_id = ANY ((SELECT duetmind.memory_sessions())::text[])
      ELSE false
    END);
CREATE POLICY upkeep_select ON duetmind.memory_forgotten FOR SELECT
  USING ((SELECT current_setting('duetmind.reach', true)) = 'upkeep'
    AND purge_at <= (SELECT duetmind.memory_time()));
CREATE POLICY upkeep_delete ON duetmind.memory_forgotten FOR DELETE
  USING ((SELECT current_setting('duetmind.reach', true)) = 'upkeep'
    AND purge_at <= (SELECT duetmind.memory_time()));

GRANT USAGE ON SCHEMA duetmind TO duetmind_memory;
GRANT SELECT, INSERT, UPDATE, DELETE ON
  duetmind.agent_sessions, duetmind.agent_memory, duetmind.memory_embedding,
  duetmind.memory_associations, duetmind.memory_forgotten
TO duetmind_memory;
-- What a write leaves behind in the same transaction.
GRANT INSERT ON duetmind.audit_event TO duetmind_memory;

DO $$ BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'duetmind_client') THEN
    GRANT duetmind_memory TO duetmind_client;
  END IF;
EXCEPTION WHEN insufficient_privilege THEN
  NULL; -- a role of another database of the server; the embedded database's owner may
END $$;
