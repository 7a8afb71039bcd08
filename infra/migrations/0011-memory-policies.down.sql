DO $$
DECLARE
  own text := $own$tenant = (SELECT current_setting('duetmind.tenant', true))
    AND CASE (SELECT current_setting('duetmind.reach', true))
      WHEN 'tenant' THEN true
      WHEN 'agent' THEN agent = (SELECT current_setting('duetmind.agent', true))
      WHEN 'session' THEN agent = (SELECT current_setting('duetmind.agent', true))
        AND session_id = ANY ((SELECT duetmind.memory_sessions())::text[])
      ELSE false
    END$own$;
  shared text := $shared$tenant = (SELECT current_setting('duetmind.tenant', true))
    AND (SELECT current_setting('duetmind.reach', true)) IN ('agent', 'session')
    AND (scope = 'tenant'
      OR (scope = 'agent' AND agent = (SELECT current_setting('duetmind.agent', true))))$shared$;
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

DROP FUNCTION duetmind.memory_tenant();
