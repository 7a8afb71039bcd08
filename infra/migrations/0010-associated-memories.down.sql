DROP TRIGGER memory_associations_note ON duetmind.memory_associations;
DROP FUNCTION duetmind.note_associated();
ALTER TABLE duetmind.agent_memory DROP COLUMN is_associated;
