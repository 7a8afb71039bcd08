DO $$ DECLARE
  index_name text;
BEGIN
  FOR index_name IN SELECT c.relname FROM pg_class c
    WHERE c.relnamespace = 'duetmind'::regnamespace AND c.relname LIKE 'memory\_embedding\_hnsw\_%'
  LOOP
    EXECUTE format('DROP INDEX duetmind.%I', index_name);
  END LOOP;
END $$;
DROP FUNCTION duetmind.drop_memory_vectors_index(text);
DROP FUNCTION duetmind.index_memory_vectors(text, text, integer);
