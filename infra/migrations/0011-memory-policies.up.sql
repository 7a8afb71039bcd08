-- The same policies of agent memory at less than half of their cost. PostgreSQL evaluates them for each row
-- that a search compares: what a caller is, it is told once a statement as a boolean, and what is left are one or
-- two comparisons of text in place of nine.

-- The tenant of who asks; NULL, and so no row, for upkeep and for who does not say how far they reach.
CREATE FUNCTION duetmind.memory_tenant() RETURNS text STABLE LANGUAGE sql AS
  $$ SELECT CASE WHEN current_setting('duetmind.reach', true) IN ('tenant', 'agent', 'session')
       THEN current_setting('duetmind.tenant', true) END $$;

DO $$
DECLARE
  own text := $own$tenant = (SELECT duetmind.memory_tenant())
    AND ((SELECT current_setting('duetmind.reach', true) = 'tenant')
      OR (agent = (SELECT current_setting('duetmind.agent', true))
        AND ((SELECT current_setting('duetmind.reach', true) = 'agent')
          OR session_id = ANY ((SELECT duetmind.memory_sessions())::text[]))))$own$;
  shared text := $shared$tenant = (SELECT duetmind.memory_tenant()) AND scope <> 'session'
    AND (scope = 'tenant' OR agent = (SELECT current_setting('duetmind.agent', true)))$shared$;
  present text := $present$(expires_at IS NULL OR expires_at > (SELECT duetmind.memory_time()))$present$;
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['agent_sessions', 'memory_forgotten', 'memory_terms',
      'memory_term_totals'] LOOP
    EXECUTE format('ALTER POLICY own ON duetmind.%I USING (%s)', name, own);
  END LOOP;
  FOREACH name IN ARRAY ARRAY['memory_embedding', 'memory_terms', 'memory_term_totals'] LOOP
    EXECUTE format('ALTER POLICY shared ON duetmind.%I USING (%s)', name, shared);
  END LOOP;
  EXECUTE format('ALTER POLICY own ON duetmind.agent_memory USING (%s AND %s)', own, present);
  EXECUTE format('ALTER POLICY shared ON duetmind.agent_memory USING (%s AND %s)', shared, present);
  EXECUTE format('ALTER POLICY own ON duetmind.memory_embedding USING (%s) WITH CHECK (%s
    AND EXISTS (SELECT FROM duetmind.agent_memory m WHERE m.id = memory_id
      AND m.tenant = memory_embedding.tenant AND m.agent = memory_embedding.agent
      AND m.session_id = memory_embedding.session_id AND m.scope = memory_embedding.scope))', own, own);
END $$;
