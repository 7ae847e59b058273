-- The others with these words; what fits follows.
ORDER BY newest.id DESC LIMIT %(most)s::int
),
-- What only leaves words out, the index cannot answer without being read in full.
done AS MATERIALIZED (
    SELECT (SELECT count(*) FROM near) >= %(most)s::int
           OR (SELECT querytree(words) IN ('', 'T') FROM asked) AS is_so
),
-- OFFSET keeps the planner from walking the cases in their order instead; to materialise them would cost more.
matched AS (
    SELECT text.case_id AS id
    FROM escalations_casetext text
    WHERE NOT (SELECT is_so FROM done)
      AND text.words @@ (SELECT words && %(marks)s::tsquery FROM asked)
    OFFSET 0
),
-- One by one from the newest, until there are enough: OFFSET keeps them from being joined all at once.
far AS MATERIALIZED (
    SELECT sorted.id
    FROM (SELECT id FROM matched ORDER BY id DESC) sorted,
         LATERAL (
             SELECT escalation.id
             FROM escalations_escalation escalation
             WHERE escalation.id = sorted.id
               AND
