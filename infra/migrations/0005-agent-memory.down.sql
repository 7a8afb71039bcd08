-- The role stays: another database of the server may use it.
DROP TABLE duetmind.memory_associations;
DROP TABLE duetmind.memory_embedding;
DROP TABLE duetmind.agent_memory;
DROP TABLE duetmind.agent_sessions;
REVOKE ALL ON duetmind.audit_event FROM duetmind_memory;
REVOKE ALL ON SCHEMA duetmind FROM duetmind_memory;
