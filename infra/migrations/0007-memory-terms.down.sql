DROP TRIGGER agent_memory_remove_terms ON duetmind.agent_memory;
DROP TRIGGER agent_memory_move_terms ON duetmind.agent_memory;
DROP TRIGGER agent_memory_add_terms ON duetmind.agent_memory;
DROP FUNCTION duetmind.move_memory_terms(), duetmind.remove_memory_terms(),
  duetmind.add_memory_terms(), duetmind.postings_without(bytea, integer[]);
DROP INDEX duetmind.memory_embedding_session;
ALTER TABLE duetmind.memory_embedding DROP COLUMN position;
CREATE INDEX memory_embedding_session
  ON duetmind.memory_embedding (tenant, agent, session_id, model_fingerprint);
DROP TABLE duetmind.memory_term_totals;
DROP TABLE duetmind.memory_terms;
ALTER TABLE duetmind.agent_memory DROP COLUMN terms;
