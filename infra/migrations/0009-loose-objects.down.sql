DROP TABLE duetmind.recorded_object;
DROP TRIGGER stage_record_names ON duetmind.stage_record;
DROP FUNCTION duetmind.note_recorded_objects();
DROP TABLE duetmind.loose_object;
DROP TRIGGER artifact_file_replaced ON duetmind.artifact_file;
DROP TRIGGER artifact_file_deleted ON duetmind.artifact_file;
DROP FUNCTION duetmind.note_replaced_file();
DROP FUNCTION duetmind.note_deleted_files();
