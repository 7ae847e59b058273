-- The newest of the pool with these words.
),
newest AS MATERIALIZED (
    SELECT id FROM pool ORDER BY id DESC LIMIT %(looked_at)s::int
),
near AS MATERIALIZED (
    SELECT text.case_id AS id
    FROM newest JOIN escalations_casetext text ON text.case_id = newest.id
    WHERE text.words @@ (SELECT words FROM asked)
    ORDER BY text.case_id DESC LIMIT %(most)s::int
),
-- Whether the newest were enough: as many as wanted, or all there are. What only leaves words out, the
-- index cannot answer without being read in full, so that is looked for among the newest alone.
done AS MATERIALIZED (
    SELECT (SELECT count(*) FROM near) >= %(most)s::int
           OR (SELECT count(*) FROM pool) <= %(looked_at)s::int
           OR (SELECT querytree(words) IN ('', 'T') FROM asked) AS is_so
),
-- The stretches of time from which a case is open: closed ones of other times are not fetched.
stretch AS MATERIALIZED (
    SELECT array_agg(mark) AS marks
    FROM (SELECT DISTINCT left(id::text, 5) AS time FROM pool WHERE NOT (SELECT is_so FROM done)) times,
         LATERAL (SELECT 65536 + ('x000' || time)::bit(32)::int AS mark) marks
),
matched AS MATERIALIZED (
    SELECT text.case_id AS id
    FROM escalations_casetext text
    WHERE NOT (SELECT is_so FROM done)
      AND text.words @@ (SELECT words && %(marks)s::tsquery FROM asked)
      AND case_marks(text.case_id) && (SELECT marks FROM stretch)
)
SELECT id FROM (
    SELECT id FROM near WHERE (SELECT is_so FROM done)
    UNION ALL
    SELECT pool.id FROM pool JOIN matched USING (id)
) found
ORDER BY id DESC LIMIT %(most)s::int;
