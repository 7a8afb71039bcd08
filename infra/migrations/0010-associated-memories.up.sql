-- Whether somebody has associated a memory: a retrieval asks it of every candidate, and of few more. What
-- is linked for being similar does not count. It stays where the association goes again.
ALTER TABLE duetmind.agent_memory ADD COLUMN is_associated boolean NOT NULL DEFAULT false;
UPDATE duetmind.agent_memory SET is_associated = true WHERE id IN (
  SELECT unnest(ARRAY[a.from_id, a.to_id]) FROM duetmind.memory_associations a
  WHERE NOT (a.is_automatic AND a.relation = 'similar'));

-- Of its owner: who associates a memory that is shared may not change its row.
CREATE FUNCTION duetmind.note_associated() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  -- in one order, so that two who associate the same memories wait for each other and do not deadlock
  UPDATE duetmind.agent_memory m SET is_associated = true
  FROM (SELECT id FROM duetmind.agent_memory WHERE id IN (new.from_id, new.to_id) AND NOT is_associated
    ORDER BY id FOR NO KEY UPDATE) AS found
  WHERE m.id = found.id;
  RETURN NULL;
END $$;
CREATE TRIGGER memory_associations_note AFTER INSERT OR UPDATE ON duetmind.memory_associations
  FOR EACH ROW WHEN (NOT (new.is_automatic AND new.relation = 'similar'))
  EXECUTE FUNCTION duetmind.note_associated();
