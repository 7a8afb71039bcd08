-- Sessions by number: the index of vectors takes it in place of four texts, which cost more to compare than
-- vectors do. It is 53 bits of a hash, which a JavaScript number holds; should two sessions ever have the same one, the
-- policies still ask for tenant, agent and session.
CREATE FUNCTION duetmind.session_key(tenant text, agent text, session_id text) RETURNS bigint
IMMUTABLE PARALLEL SAFE LANGUAGE sql AS $$
  SELECT pg_catalog.hashtextextended(session_id,
    pg_catalog.hashtextextended(agent, pg_catalog.hashtextextended(tenant, 0))) >> 11
$$;

-- Vectors in half numbers, as their approximate indexes have them: less than half to read. The embedded
-- database keeps them whole, for in WebAssembly half numbers are slower.
DO $$ BEGIN
  IF to_regtype('public.halfvec') IS NULL THEN
    RAISE feature_not_supported USING
      MESSAGE = 'expected the extension pgvector of version 0.7 or later, got '
        || coalesce((SELECT extversion FROM pg_extension WHERE extname = 'vector'), 'none'),
      HINT = 'install it, let an administrator run: ALTER EXTENSION vector UPDATE; then run: duetmind db migrate';
  END IF;
END $$;
DROP INDEX duetmind.memory_embedding_session;
SET LOCAL maintenance_work_mem = '256MB'; -- the approximate indexes are made anew with the table
DO $$ BEGIN
  EXECUTE $alter$ALTER TABLE duetmind.memory_embedding ADD COLUMN session_key bigint NOT NULL
    GENERATED ALWAYS AS (duetmind.session_key(tenant, agent, session_id)) STORED$alter$
    || CASE WHEN version() LIKE '%emscripten%' THEN ''
      ELSE ', ALTER COLUMN embedding TYPE public.halfvec' END;
END $$;
CREATE INDEX memory_embedding_session ON duetmind.memory_embedding (session_key, position);
ANALYZE duetmind.memory_embedding;

-- A position is of one memory alone: what a search found is read by it.
DROP INDEX duetmind.agent_memory_position;
CREATE UNIQUE INDEX agent_memory_position ON duetmind.agent_memory (position);
