-- A retrieval asks of each candidate whether somebody has associated it: seldom, while most memories have
-- several that were made for being similar, which it does not want.
CREATE INDEX memory_associations_made_from ON duetmind.memory_associations (from_id)
  WHERE NOT (is_automatic AND relation = 'similar');
CREATE INDEX memory_associations_made_to ON duetmind.memory_associations (to_id)
  WHERE NOT (is_automatic AND relation = 'similar');
