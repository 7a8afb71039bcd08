DROP INDEX duetmind.agent_memory_position;
CREATE INDEX agent_memory_position ON duetmind.agent_memory (tenant, agent, session_id, position);

DROP INDEX duetmind.memory_embedding_session;
SET LOCAL maintenance_work_mem = '256MB';
ALTER TABLE duetmind.memory_embedding DROP COLUMN session_key,
  ALTER COLUMN embedding TYPE public.vector;
CREATE INDEX memory_embedding_session
  ON duetmind.memory_embedding (tenant, agent, session_id, model_fingerprint, position);
DROP FUNCTION duetmind.session_key(text, text, text);
