-- An approximate index of the vectors of one model, made when there are enough of them: exact search
-- is faster before. Clients may not change the schema, so a function of the owner does it; it makes nothing but this
-- index, for a model that has at least so many vectors. Writers wait while it is built.
CREATE FUNCTION duetmind.index_memory_vectors(fingerprint text, type text, enough integer)
RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog SET maintenance_work_mem = '256MB' AS $$
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
END $$;

-- The index of a model that is no longer used goes with its last vector.
CREATE FUNCTION duetmind.drop_memory_vectors_index(fingerprint text)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM duetmind.memory_embedding e WHERE e.model_fingerprint = fingerprint) THEN
    EXECUTE format('DROP INDEX IF EXISTS duetmind.%I',
      'memory_embedding_hnsw_' || left(md5(fingerprint), 12));
  END IF;
END $$;

REVOKE EXECUTE ON FUNCTION duetmind.index_memory_vectors(text, text, integer) FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION duetmind.drop_memory_vectors_index(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION duetmind.index_memory_vectors(text, text, integer) TO duetmind_memory;
GRANT EXECUTE ON FUNCTION duetmind.drop_memory_vectors_index(text) TO duetmind_memory;
