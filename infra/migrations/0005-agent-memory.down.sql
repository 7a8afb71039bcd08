-- The role stays: another database of the server may use it.
ALTER TABLE duetmind.api_key DROP COLUMN tenant, DROP COLUMN agent;
DROP TABLE duetmind.memory_associations;
DROP TABLE duetmind.memory_embedding;
DROP TABLE duetmind.memory_forgotten;
DROP TABLE duetmind.agent_memory;
DROP TABLE duetmind.agent_sessions;
DROP FUNCTION duetmind.memory_sessions(), duetmind.memory_time();
REVOKE ALL ON duetmind.audit_event FROM duetmind_memory;
REVOKE ALL ON SCHEMA duetmind FROM duetmind_memory;

