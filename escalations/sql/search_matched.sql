-- The others with these words; what fits follows.
ORDER BY newest.id DESC LIMIT %(most)s::int
),
-- What only leaves words out, the index cannot answer without being read in full.
done AS MATERIALIZED (
    SELECT (SELECT count(*) FROM near) >= %(most)s::int
           OR (SELECT querytree(words) IN ('', 'T') FROM asked) AS is_so
),
-- The index in at most three steps. A sample of one case in 64 says how far back the newest matches are; then
-- all that are newer are read. Few in the sample, or too few in that time, and everything is read. A match has to
-- be fetched to know which case it is, so what counts is how few are.
far (step, is_all, ids) AS (
    SELECT 0, false, '{}'::uuid[] WHERE NOT (SELECT is_so FROM done)
    UNION ALL
    SELECT far.step + 1, look.is_all, ARRAY(
        -- One by one from the newest, until there are enough: OFFSET keeps them from being joined all at once,
        -- and the planner from walking the cases in their order instead.
        SELECT sorted.id
        FROM (
            SELECT id FROM (
                SELECT text.case_id AS id
                FROM escalations_casetext text
                WHERE text.words @@ (SELECT words && %(marks)s::tsquery FROM asked)
                  AND case_marks(text.case_id) && look.marks
                OFFSET 0
            ) matched
            ORDER BY id DESC
        ) sorted,
        LATERAL (
            SELECT FROM escalations_escalation escalation
            WHERE escalation.id = sorted.id
              AND
