ALTER TABLE duetmind.agent_memory DROP CONSTRAINT agent_memory_superseded_by_fkey;
ALTER TABLE duetmind.agent_memory ADD CONSTRAINT agent_memory_superseded_by_fkey
  FOREIGN KEY (superseded_by) REFERENCES duetmind.agent_memory (id) ON DELETE SET NULL;
DROP TABLE duetmind.memory_recall;
DROP TABLE duetmind.memory_task;
