DROP INDEX duetmind.tags_key_value;
DROP INDEX duetmind.params_key_value;
