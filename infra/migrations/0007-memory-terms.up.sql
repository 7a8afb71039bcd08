-- The lexical half of retrieval: which memories say a term, how often, and how long they are, so that
-- BM25 counts over exactly what a caller may see. A term is a 32-bit digest of a stem (keyed where
-- content is sealed). agent_memory.terms holds those of a memory in the order of its text; the triggers
-- below keep the index true to it, whatever inserts, deletes or moves memories.

ALTER TABLE duetmind.agent_memory ADD COLUMN terms integer[] NOT NULL DEFAULT '{}';

-- A row has the postings of one term in a block of 8,192 positions of a session. A posting is four
-- bytes, as int4send writes one number: offset in the block (from bit 19), times the memory says it
-- (5 bits, at most 31), its terms (14 bits, at most 16,383). Bytes are read at a third of the cost of an
-- array, whose elements are sent one by one.
CREATE TABLE duetmind.memory_terms (
  tenant text NOT NULL,
  agent text NOT NULL,
  session_id text NOT NULL,
  scope text NOT NULL,
  term integer NOT NULL,
  block bigint NOT NULL,
  postings bytea NOT NULL,
  PRIMARY KEY (tenant, agent, term, session_id, block, scope)
) WITH (fillfactor = 80);
CREATE INDEX memory_terms_shared ON duetmind.memory_terms (tenant, term) WHERE scope <> 'session';

-- How many memories and terms there are, for the length that BM25 calls average.
CREATE TABLE duetmind.memory_term_totals (
  tenant text NOT NULL,
  agent text NOT NULL,
  session_id text NOT NULL,
  scope text NOT NULL,
  memories bigint NOT NULL,
  terms bigint NOT NULL,
  PRIMARY KEY (tenant, agent, session_id, scope)
) WITH (fillfactor = 80);

-- Neighbours of a memory are found beside its vector; all vectors of a session come in their order.
ALTER TABLE duetmind.memory_embedding ADD COLUMN position bigint;
UPDATE duetmind.memory_embedding e SET position = m.position
  FROM duetmind.agent_memory m WHERE m.id = e.memory_id;
ALTER TABLE duetmind.memory_embedding ALTER COLUMN position SET NOT NULL;
DROP INDEX duetmind.memory_embedding_session;
CREATE INDEX memory_embedding_session
  ON duetmind.memory_embedding (tenant, agent, session_id, model_fingerprint, position);

-- Postings without those at the offsets: the first 13 bits of each.
CREATE FUNCTION duetmind.postings_without(postings bytea, offsets integer[]) RETURNS bytea
IMMUTABLE LANGUAGE sql SET search_path = pg_catalog AS $$
  SELECT coalesce(string_agg(posting, '' ORDER BY n), '')
  FROM (
    SELECT n, substring(postings FROM 4 * n + 1 FOR 4) AS posting
    FROM generate_series(0, octet_length(postings) / 4 - 1) AS n
  ) AS p
  WHERE ((get_byte(posting, 0) << 5) | (get_byte(posting, 1) >> 3)) <> ALL (offsets)
$$;

-- Rows of one kind are taken in one order, so that two writers wait for each other and do not deadlock.
CREATE FUNCTION duetmind.add_memory_terms() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  INSERT INTO duetmind.memory_terms AS t (tenant, agent, session_id, scope, term, block, postings)
  SELECT p.tenant, p.agent, p.session_id, p.scope, p.term, p.position >> 13,
    string_agg(int4send(((p.position & 8191)::integer << 19) | (p.times << 14) | p.length), ''
      ORDER BY p.position)
  FROM (
    SELECT m.tenant, m.agent, m.session_id, m.scope, m.position, u.term,
      least(count(*), 31)::integer AS times, m.length
    FROM (
      SELECT tenant, agent, session_id, scope, position, terms,
        least(cardinality(terms), 16383) AS length
      FROM added OFFSET 0 -- the length is told once a memory, not once a term
    ) m CROSS JOIN LATERAL unnest(m.terms) AS u(term)
    GROUP BY m.tenant, m.agent, m.session_id, m.scope, m.position, u.term, m.length
  ) p
  GROUP BY p.tenant, p.agent, p.session_id, p.scope, p.term, p.position >> 13
  ORDER BY p.tenant, p.agent, p.term, p.session_id, p.position >> 13, p.scope
  ON CONFLICT (tenant, agent, term, session_id, block, scope)
    DO UPDATE SET postings = t.postings || excluded.postings;
  INSERT INTO duetmind.memory_term_totals AS t (tenant, agent, session_id, scope, memories, terms)
  SELECT tenant, agent, session_id, scope, count(*), sum(cardinality(terms)) FROM added
  GROUP BY tenant, agent, session_id, scope ORDER BY tenant, agent, session_id, scope
  ON CONFLICT (tenant, agent, session_id, scope)
    DO UPDATE SET memories = t.memories + excluded.memories, terms = t.terms + excluded.terms;
  RETURN NULL;
END $$;

CREATE FUNCTION duetmind.remove_memory_terms() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  UPDATE duetmind.memory_terms t
  SET postings = duetmind.postings_without(t.postings, g.offsets)
  FROM (
    SELECT m.tenant, m.agent, u.term, m.session_id, m.position >> 13 AS block, m.scope,
      array_agg(DISTINCT (m.position & 8191)::integer) AS offsets
    FROM removed m CROSS JOIN LATERAL unnest(m.terms) AS u(term)
    GROUP BY m.tenant, m.agent, u.term, m.session_id, m.position >> 13, m.scope
  ) g
  WHERE t.tenant = g.tenant AND t.agent = g.agent AND t.term = g.term
    AND t.session_id = g.session_id AND t.block = g.block AND t.scope = g.scope;
  DELETE FROM duetmind.memory_terms t
  USING (
    SELECT DISTINCT m.tenant, m.agent, u.term, m.session_id, m.position >> 13 AS block, m.scope
    FROM removed m CROSS JOIN LATERAL unnest(m.terms) AS u(term)
  ) g
  WHERE t.tenant = g.tenant AND t.agent = g.agent AND t.term = g.term
    AND t.session_id = g.session_id AND t.block = g.block AND t.scope = g.scope
    AND t.postings = '';
  UPDATE duetmind.memory_term_totals t
  SET memories = t.memories - g.memories, terms = t.terms - g.terms
  FROM (
    SELECT tenant, agent, session_id, scope, count(*) AS memories, sum(cardinality(terms)) AS terms
    FROM removed GROUP BY tenant, agent, session_id, scope
  ) g
  WHERE t.tenant = g.tenant AND t.agent = g.agent AND t.session_id = g.session_id
    AND t.scope = g.scope;
  DELETE FROM duetmind.memory_term_totals t USING (
    SELECT DISTINCT tenant, agent, session_id, scope FROM removed
  ) g
  WHERE t.tenant = g.tenant AND t.agent = g.agent AND t.session_id = g.session_id
    AND t.scope = g.scope AND t.memories = 0;
  RETURN NULL;
END $$;

-- What says the same and stands where it stood is left alone: most updates count an access.
CREATE FUNCTION duetmind.move_memory_terms() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  UPDATE duetmind.memory_terms t
  SET postings = duetmind.postings_without(t.postings, ARRAY[(old.position & 8191)::integer])
  WHERE t.tenant = old.tenant AND t.agent = old.agent AND t.term = ANY (old.terms)
    AND t.session_id = old.session_id AND t.block = old.position >> 13 AND t.scope = old.scope;
  DELETE FROM duetmind.memory_terms t
  WHERE t.tenant = old.tenant AND t.agent = old.agent AND t.term = ANY (old.terms)
    AND t.session_id = old.session_id AND t.block = old.position >> 13 AND t.scope = old.scope
    AND t.postings = '';
  UPDATE duetmind.memory_term_totals t
  SET memories = t.memories - 1, terms = t.terms - cardinality(old.terms)
  WHERE t.tenant = old.tenant AND t.agent = old.agent AND t.session_id = old.session_id
    AND t.scope = old.scope;
  DELETE FROM duetmind.memory_term_totals t
  WHERE t.tenant = old.tenant AND t.agent = old.agent AND t.session_id = old.session_id
    AND t.scope = old.scope AND t.memories = 0;
  INSERT INTO duetmind.memory_terms AS t (tenant, agent, session_id, scope, term, block, postings)
  SELECT new.tenant, new.agent, new.session_id, new.scope, u.term, new.position >> 13,
    int4send(((new.position & 8191)::integer << 19) | (least(count(*), 31)::integer << 14)
      | least(cardinality(new.terms), 16383))
  FROM unnest(new.terms) AS u(term) GROUP BY u.term ORDER BY u.term
  ON CONFLICT (tenant, agent, term, session_id, block, scope)
    DO UPDATE SET postings = t.postings || excluded.postings;
  INSERT INTO duetmind.memory_term_totals AS t (tenant, agent, session_id, scope, memories, terms)
  VALUES (new.tenant, new.agent, new.session_id, new.scope, 1, cardinality(new.terms))
  ON CONFLICT (tenant, agent, session_id, scope)
    DO UPDATE SET memories = t.memories + 1, terms = t.terms + excluded.terms;
  RETURN NULL;
END $$;

CREATE TRIGGER agent_memory_add_terms AFTER INSERT ON duetmind.agent_memory
  REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION duetmind.add_memory_terms();
CREATE TRIGGER agent_memory_move_terms AFTER UPDATE ON duetmind.agent_memory
  FOR EACH ROW WHEN (old.terms IS DISTINCT FROM new.terms OR old.scope IS DISTINCT FROM new.scope)
  EXECUTE FUNCTION duetmind.move_memory_terms();
CREATE TRIGGER agent_memory_remove_terms AFTER DELETE ON duetmind.agent_memory
  REFERENCING OLD TABLE AS removed FOR EACH STATEMENT
  EXECUTE FUNCTION duetmind.remove_memory_terms();

-- Only the triggers write them; who may see a memory may see its postings.
ALTER TABLE duetmind.memory_terms ENABLE ROW LEVEL SECURITY;
ALTER TABLE duetmind.memory_term_totals ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON duetmind.memory_terms FOR SELECT
  USING (tenant = (SELECT current_setting('duetmind.tenant', true))
    AND CASE (SELECT current_setting('duetmind.reach', true))
      WHEN 'tenant' THEN true
      WHEN 'agent' THEN agent = (SELECT current_setting('duetmind.agent', true))
      WHEN 'session' THEN agent = (SELECT current_setting('duetmind.agent', true))
        AND session_id = ANY ((SELECT duetmind.memory_sessions())::text[])
      ELSE false
    END);
CREATE POLICY shared ON duetmind.memory_terms FOR SELECT
  USING (tenant = (SELECT current_setting('duetmind.tenant', true))
    AND (SELECT current_setting('duetmind.reach', true)) IN ('agent', 'session')
    AND (scope = 'tenant'
      OR (scope = 'agent' AND agent = (SELECT current_setting('duetmind.agent', true)))));
CREATE POLICY own ON duetmind.memory_term_totals FOR SELECT
  USING (tenant = (SELECT current_setting('duetmind.tenant', true))
    AND CASE (SELECT current_setting('duetmind.reach', true))
      WHEN 'tenant' THEN true
      WHEN 'agent' THEN agent = (SELECT current_setting('duetmind.agent', true))
      WHEN 'session' THEN agent = (SELECT current_setting('duetmind.agent', true))
        AND session_id = ANY ((SELECT duetmind.memory_sessions())::text[])
      ELSE false
    END);
CREATE POLICY shared ON duetmind.memory_term_totals FOR SELECT
  USING (tenant = (SELECT current_setting('duetmind.tenant', true))
    AND (SELECT current_setting('duetmind.reach', true)) IN ('agent', 'session')
    AND (scope = 'tenant'
      OR (scope = 'agent' AND agent = (SELECT current_setting('duetmind.agent', true)))));

GRANT SELECT ON duetmind.memory_terms, duetmind.memory_term_totals TO duetmind_memory;
