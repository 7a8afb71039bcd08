-- New memories that wait for their associations to be made. A row is there until they are: a process
-- that is killed leaves it to the next, and two never work on one (they lock it).
CREATE TABLE duetmind.memory_task (
  memory_id uuid PRIMARY KEY REFERENCES duetmind.agent_memory (id) ON DELETE CASCADE,
  tenant text NOT NULL,
  agent text NOT NULL,
  session_id text NOT NULL,
  created_at timestamptz NOT NULL,
  -- work that failed is put off
  due_at timestamptz NOT NULL,
  attempts integer NOT NULL DEFAULT 0
);
CREATE INDEX memory_task_due_at
  ON duetmind.memory_task (due_at, tenant, agent, session_id, memory_id);

-- What an agent was shown of late, so that it is not stored again as if it were new.
CREATE TABLE duetmind.memory_recall (
  tenant text NOT NULL,
  agent text NOT NULL,
  -- empty where a search named none
  session_id text NOT NULL,
  memory_id uuid NOT NULL REFERENCES duetmind.agent_memory (id) ON DELETE CASCADE,
  -- of the normalised text: keyed where content is sealed
  text_digest text NOT NULL,
  recalled_at timestamptz NOT NULL,
  PRIMARY KEY (tenant, agent, session_id, memory_id)
);
CREATE INDEX memory_recall_memory_id ON duetmind.memory_recall (memory_id);
CREATE INDEX memory_recall_recalled_at ON duetmind.memory_recall (recalled_at);

-- What was put in the place of others goes with them: else forgetting it would bring them back.
ALTER TABLE duetmind.agent_memory DROP CONSTRAINT agent_memory_superseded_by_fkey;
ALTER TABLE duetmind.agent_memory ADD CONSTRAINT agent_memory_superseded_by_fkey
  FOREIGN KEY (superseded_by) REFERENCES duetmind.agent_memory (id) ON DELETE CASCADE;

ALTER TABLE duetmind.memory_task ENABLE ROW LEVEL SECURITY;
ALTER TABLE duetmind.memory_recall ENABLE ROW LEVEL SECURITY;

-- Whoever stores a memory has it worked on; upkeep works, and sees the memory as its session does.
CREATE POLICY own ON duetmind.memory_task FOR INSERT
  WITH CHECK (tenant = (SELECT current_setting('duetmind.tenant', true))
    AND EXISTS (SELECT FROM duetmind.agent_memory m WHERE m.id = memory_id
      AND m.tenant = memory_task.tenant AND m.agent = memory_task.agent
      AND m.session_id = memory_task.session_id));
CREATE POLICY upkeep ON duetmind.memory_task
  USING ((SELECT current_setting('duetmind.reach', true)) = 'upkeep');

CREATE POLICY own ON duetmind.memory_recall
  USING (tenant = (SELECT current_setting('duetmind.tenant', true))
    AND agent = (SELECT current_setting('duetmind.agent', true))
    AND (SELECT current_setting('duetmind.reach', true)) IN ('session', 'agent', 'tenant'))
  WITH CHECK (tenant = (SELECT current_setting('duetmind.tenant', true))
    AND agent = (SELECT current_setting('duetmind.agent', true))
    AND EXISTS (SELECT FROM duetmind.agent_memory m WHERE m.id = memory_id));
CREATE POLICY upkeep_select ON duetmind.memory_recall FOR SELECT
  USING ((SELECT current_setting('duetmind.reach', true)) = 'upkeep');
CREATE POLICY upkeep_delete ON duetmind.memory_recall FOR DELETE
  USING ((SELECT current_setting('duetmind.reach', true)) = 'upkeep');

GRANT SELECT, INSERT, UPDATE, DELETE ON duetmind.memory_task, duetmind.memory_recall
  TO duetmind_memory;
